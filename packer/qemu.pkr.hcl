// Offline: a base disk made by appliance/build/base-disk.sh, provisioned in QEMU.

variable "base_image" {
  type        = string
  default     = "base.raw"
  description = "Raw disk made by appliance/build/base-disk.sh."
}

variable "output" {
  type        = string
  default     = "out-qemu"
  description = "Folder for the image; must not exist yet."
}

variable "accelerator" {
  type        = string
  default     = "tcg"
  description = "Software emulation by default: a KVM device that opens need not be one that works. Set kvm where it does."
}

source "qemu" "appliance" {
  iso_url          = var.base_image
  iso_checksum     = "none"
  disk_image       = true
  skip_resize_disk = true
  format           = "raw"
  disk_interface   = "virtio-scsi"
  disk_discard     = "unmap"
  disk_cache       = "unsafe"
  net_device       = "virtio-net"
  accelerator      = var.accelerator
  memory           = 1024
  cpus             = 2
  headless         = true
  output_directory = var.output
  vm_name          = "coldframe.raw"

  // Packer's own port forwarding listens on every address of the build machine.
  host_port_min = 18100
  host_port_max = 18199
  qemuargs = [
    ["-cpu", "qemu64"],
    ["-netdev", "user,id=user.0,hostfwd=tcp:127.0.0.1:{{ .SSHHostPort }}-:22"],
  ]

  communicator         = "ssh"
  ssh_username         = "root"
  ssh_private_key_file = var.ssh_key
  ssh_timeout          = "15m"
  boot_wait            = "1s"
  shutdown_command     = "systemctl poweroff"
  shutdown_timeout     = "5m"
}
