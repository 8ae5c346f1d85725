#!/bin/sh
# raw-disk.sh ROOT-FOLDER OUT.raw SIZE-MiB
# A GPT disk that boots by UEFI (signed shim and GRUB, so Secure Boot too) and by BIOS, made from a
# folder with mke2fs -d and mtools: no loop device, no mount. GRUB itself is not installed in the
# guest; its fixed menu boots the links that Debian's linux-base keeps, so new kernels just work.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$1 out=$2 size=$3
work=$(mktemp -d "$(dirname "$out")/.raw-disk.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP
uuid=$(cat /proc/sys/kernel/random/uuid)

# Sectors of 512 bytes. The tail is left to the second GPT.
bios=2048 bios_sectors=2048
esp=4096 esp_sectors=131072
system=$((esp + esp_sectors)) system_sectors=$((size * 2048 - esp - esp_sectors - 2048))

mkdir -p "$root/boot/grub"
echo "UUID=$uuid / ext4 errors=remount-ro 0 1" >"$root/etc/fstab"
arguments="root=UUID=$uuid ro quiet systemd.gpt_auto=no systemd.ssh_auto=no console=ttyS0,115200 console=tty0"
cat >"$root/boot/grub/grub.cfg" <<MENU
serial --unit=0 --speed=115200
terminal_input console serial
terminal_output console serial
set timeout=2
set default=0
search --no-floppy --fs-uuid --set=root $uuid
menuentry "coldframe" {
  linux /vmlinuz $arguments
  initrd /initrd.img
}
menuentry "coldframe, previous kernel" {
  linux /vmlinuz.old $arguments
  initrd /initrd.img.old
}
MENU
for kind in vmlinuz initrd.img; do
  [ -e "$root/$kind" ] || ln -s "boot/$(cd "$root/boot" && ls -1v $kind-* | tail -n 1)" "$root/$kind"
done

truncate -s $((system_sectors * 512)) "$work/system.img"
mke2fs -q -t ext4 -L coldframe-system -U "$uuid" -m 1 -d "$root" "$work/system.img"

mkfs.vfat -F 32 -n ESP -C "$work/esp.img" $((esp_sectors / 2)) >/dev/null
cat >"$work/grub.cfg" <<MENU
search --no-floppy --fs-uuid --set=root $uuid
set prefix=(\$root)/boot/grub
configfile /boot/grub/grub.cfg
MENU
mmd -i "$work/esp.img" ::/EFI ::/EFI/BOOT ::/EFI/debian
mcopy -i "$work/esp.img" /usr/lib/shim/shimx64.efi.signed ::/EFI/BOOT/BOOTX64.EFI
mcopy -i "$work/esp.img" /usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed ::/EFI/BOOT/grubx64.efi
mcopy -i "$work/esp.img" "$work/grub.cfg" ::/EFI/debian/grub.cfg
grub-mkimage -O i386-pc -p /boot/grub -c "$work/grub.cfg" -o "$work/core.img" \
  biosdisk part_gpt ext2 search search_fs_uuid configfile normal linux serial terminal echo minicmd reboot

rm -f "$out"
truncate -s "${size}M" "$out"
sfdisk --quiet "$out" <<TABLE
label: gpt
start=$bios, size=$bios_sectors, type=21686148-6449-6E6F-744E-656564454649, name=bios
start=$esp, size=$esp_sectors, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B, name=esp
start=$system, size=$system_sectors, type=4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709, name=system
TABLE
"$here/../../node_modules/.bin/node" "$here/bios-boot.ts" "$out" "$work/core.img" /usr/lib/grub/i386-pc/boot.img $bios
dd if="$work/esp.img" of="$out" bs=1M seek=$((esp / 2048)) conv=notrunc,sparse status=none
dd if="$work/system.img" of="$out" bs=1M seek=$((system / 2048)) conv=notrunc,sparse status=none
