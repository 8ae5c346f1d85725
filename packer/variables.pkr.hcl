variable "parts" {
  type        = string
  description = "Folder made by appliance/build/payload.sh; the bill of materials comes back into it."
}

variable "ssh_key" {
  type        = string
  description = "Private key whose public half is in the base image; removed at the end."
}
