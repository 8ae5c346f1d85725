#!/bin/sh
# The last look before the image is sealed: each line is a promise of docs/appliance.md.
set -eu
fail() { echo "90-check: $*" >&2; exit 1; }

systemd-analyze verify coldframe.service coldframe-data.service coldframe-firstboot.service coldframe-helper.socket coldframe-helper@1-1-0.service coldframe-console@tty1.service
systemd-analyze security --no-pager --threshold=30 coldframe.service >/tmp/coldframe/security ||
  { cat /tmp/coldframe/security; fail 'coldframe.service is less protected than 3.0'; }
tail -n 1 /tmp/coldframe/security
nft --check --file /etc/nftables.conf
udevadm verify /etc/udev/rules.d/*.rules
visudo --check --quiet
sshd -t
for command in blkid chattr cmp e2fsck findmnt getfattr lsattr mkfs.ext4 mount.nfs mountpoint nft openssl resize2fs setfattr ssh-keygen systemd-notify vmtoolsd; do
  command -v $command >/dev/null || fail "$command is missing; add its package to packages.list"
done
for command in gcc g++ cc make python3 lvm mdadm multipath; do
  ! command -v $command >/dev/null || fail "$command does not belong into the image"
done
[ "$(passwd --status root | cut -d' ' -f2)" = L ] || fail 'root has a password'
[ "$(id -u coldframe)/$(id -g coldframe)" = 900/900 ] || fail 'the user coldframe has another number'
