// The machine image of the appliance, from either source; both run the same provisioning.
//
//   packer build -only=qemu.appliance -var base_image=… -var parts=… -var ssh_key=… packer
//   packer build -only=vsphere-iso.appliance -var-file=my.pkrvars.hcl … packer

locals {
  provision = "${path.root}/../appliance/provision"
}

build {
  sources = ["source.qemu.appliance", "source.vsphere-iso.appliance"]

  provisioner "shell" {
    inline = ["mkdir -p /tmp/coldframe"]
  }
  provisioner "file" {
    sources     = ["${var.parts}/packages.list", "${var.parts}/rootfs.tar", "${var.parts}/payload.tar.zst"]
    destination = "/tmp/coldframe/"
  }
  provisioner "shell" {
    scripts = [
      "${local.provision}/10-packages.sh",
      "${local.provision}/20-system.sh",
      "${local.provision}/30-coldframe.sh",
      "${local.provision}/80-sbom.sh",
      "${local.provision}/90-check.sh",
    ]
    remote_folder = "/tmp/coldframe"
  }
  provisioner "file" {
    direction   = "download"
    source      = "/usr/share/coldframe/sbom.cdx.json"
    destination = "${var.parts}/sbom.cdx.json"
  }
  provisioner "shell" {
    script        = "${local.provision}/99-clean.sh"
    remote_folder = "/root"
    // It removes the folder that later steps would tidy up.
    skip_clean = true
  }
}
