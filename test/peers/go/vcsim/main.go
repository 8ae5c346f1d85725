// Command vcsim serves govmomi's vCenter simulator for our tests. govmomi's own command is a module
// of its own that the public module proxy does not carry; the simulator itself is the library's.
//
// It prints one line of JSON when it is up and ends with its standard input, so that a test that
// dies leaves nothing behind.
package main

import (
	"crypto/tls"
	"encoding/json"
	"flag"
	"io"
	"log"
	"net/url"
	"os"
	"os/signal"
	"syscall"

	"github.com/vmware/govmomi/simulator"
	_ "github.com/vmware/govmomi/vapi/simulator" // tags, over REST
)

func main() {
	esx := flag.Bool("esx", false, "a standalone ESXi host")
	vpx := simulator.VPX()
	flag.IntVar(&vpx.Datacenter, "dc", vpx.Datacenter, "datacenters")
	flag.IntVar(&vpx.Cluster, "cluster", vpx.Cluster, "clusters in a datacenter")
	flag.IntVar(&vpx.ClusterHost, "host", vpx.ClusterHost, "hosts in a cluster")
	flag.IntVar(&vpx.Host, "standalone-host", vpx.Host, "hosts in a datacenter that are in no cluster")
	flag.IntVar(&vpx.Pool, "pool", vpx.Pool, "resource pools in a cluster, besides the root")
	flag.IntVar(&vpx.App, "app", vpx.App, "vApps in a cluster")
	flag.IntVar(&vpx.Datastore, "ds", vpx.Datastore, "datastores")
	flag.IntVar(&vpx.Folder, "folder", vpx.Folder, "datacenters that lie in folders of their own")
	machines := flag.Int("vm", vpx.Machine, "VMs in a resource pool")
	user := flag.String("user", "", "user name; without it every login is taken")
	password := flag.String("password", "", "password")
	flag.Parse()

	model := vpx
	if *esx {
		model = simulator.ESX()
	}
	model.Machine = *machines
	if err := model.Create(); err != nil {
		log.Fatal(err)
	}
	model.Service.TLS = new(tls.Config)
	model.Service.RegisterEndpoints = true
	model.Service.Listen = &url.URL{Host: "127.0.0.1:0"}
	if *user != "" {
		model.Service.Listen.User = url.UserPassword(*user, *password)
	}
	server := model.Service.NewServer()

	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		ended <- syscall.SIGTERM
	}()
	if err := json.NewEncoder(os.Stdout).Encode(map[string]string{"address": server.URL.Host}); err != nil {
		log.Fatal(err)
	}
	<-ended
	server.Close()
	model.Remove() // the datastores' folders
}
