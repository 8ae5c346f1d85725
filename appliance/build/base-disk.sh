#!/bin/sh
# base-disk.sh WORK PUBLIC-KEY OUT.raw [SIZE-MiB]
# A bootable Debian with every package of packages.list, which lets Packer in with this SSH key.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
[ $# -ge 3 ] || { sed -n 's/^# \(base-disk.sh .*\)/usage: \1/p' "$0" >&2; exit 2; }
work=$1 key=$2 out=$3 size=${4:-4096}
# shellcheck source=appliance/build/mirror.sh
. "$here/mirror.sh"

root=$work/base-root
packages=$(sed 's/#.*//' "$here/../packages.list" | tr -s ' \n' ',' | sed 's/^,//; s/,$//')
debian_root "$root" "$packages"

echo coldframe >"$root/etc/hostname"
printf '127.0.0.1 localhost\n127.0.1.1 coldframe\n::1 localhost\n' >"$root/etc/hosts"
cp "$here/../rootfs/etc/systemd/network/80-dhcp.network" "$root/etc/systemd/network/"
chroot "$root" systemctl --quiet enable systemd-networkd systemd-resolved ssh
install -d -m 700 "$root/root/.ssh"
install -m 600 "$key" "$root/root/.ssh/authorized_keys"
rm -f "$root"/etc/ssh/ssh_host_*
# Not empty: sshd's host keys are made at a first boot only, and an empty file is none.
echo uninitialized >"$root/etc/machine-id"

"$here/raw-disk.sh" "$root" "$out" "$size"
rm -rf "$root"
