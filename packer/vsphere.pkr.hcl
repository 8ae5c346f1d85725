// With a vCenter: Debian's installer from its network image, answered by http/preseed.cfg.

variable "vcenter_server" {
  type    = string
  default = ""
}

variable "vcenter_username" {
  type    = string
  default = ""
}

variable "vcenter_password" {
  type      = string
  default   = ""
  sensitive = true
}

variable "vcenter_insecure" {
  type    = bool
  default = false
}

variable "vcenter_datacenter" {
  type    = string
  default = ""
}

variable "vcenter_cluster" {
  type    = string
  default = ""
}

variable "vcenter_host" {
  type    = string
  default = ""
}

variable "vcenter_datastore" {
  type    = string
  default = ""
}

variable "vcenter_folder" {
  type    = string
  default = ""
}

variable "vcenter_network" {
  type    = string
  default = "VM Network"
}

variable "debian_iso" {
  type        = string
  default     = ""
  description = "Datastore path of Debian 13's network installer, e.g. \"[iso] debian-13-amd64-netinst.iso\"."
}

variable "debian_mirror_host" {
  type        = string
  default     = ""
  description = "Host name of the mirror that the installer takes packages from."
}

variable "debian_mirror_path" {
  type    = string
  default = "/debian"
}

variable "ssh_public_key" {
  type        = string
  default     = ""
  description = "The public half of ssh_key: the base64 part of an ed25519 key, without its type and comment."
}

variable "http_bind_address" {
  type        = string
  default     = "0.0.0.0"
  description = "Where Packer serves the preseed file; the new VM must reach it."
}

source "vsphere-iso" "appliance" {
  vcenter_server      = var.vcenter_server
  username            = var.vcenter_username
  password            = var.vcenter_password
  insecure_connection = var.vcenter_insecure
  datacenter          = var.vcenter_datacenter
  cluster             = var.vcenter_cluster
  host                = var.vcenter_host
  datastore           = var.vcenter_datastore
  folder              = var.vcenter_folder

  vm_name              = "coldframe"
  guest_os_type        = "debian10_64Guest"
  vm_version           = 14
  firmware             = "efi"
  CPUs                 = 4
  RAM                  = 8192
  disk_controller_type = ["pvscsi", "pvscsi", "pvscsi", "pvscsi"]
  storage {
    disk_size             = 4096
    disk_thin_provisioned = true
  }
  network_adapters {
    network      = var.vcenter_network
    network_card = "vmxnet3"
  }
  configuration_parameters = {
    "disk.EnableUUID" = "TRUE"
  }

  iso_paths         = var.debian_iso == "" ? [] : [var.debian_iso]
  http_bind_address = var.http_bind_address
  http_directory    = "${path.root}/http"
  boot_wait = "5s"
  boot_command = [
    "c<wait>",
    "linux /install.amd/vmlinuz auto=true priority=critical url=http://{{ .HTTPIP }}:{{ .HTTPPort }}/preseed.cfg",
    " mirror/http/hostname=${var.debian_mirror_host} mirror/http/directory=${var.debian_mirror_path}",
    " root_key=${var.ssh_public_key} ---<enter>",
    "initrd /install.amd/initrd.gz<enter>boot<enter>",
  ]

  communicator         = "ssh"
  ssh_username         = "root"
  ssh_private_key_file = var.ssh_key
  ssh_timeout          = "45m"
  shutdown_command     = "systemctl poweroff"
  convert_to_template  = false
  export {
    force            = true
    output_directory = "out-vsphere"
  }
}
