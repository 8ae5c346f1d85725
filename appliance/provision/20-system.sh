#!/bin/sh
# The operating system's files, users and units.
set -eu
tar -C / --extract --no-same-owner --no-overwrite-dir --file /tmp/coldframe/rootfs.tar
rm -f /etc/coldframe/nftables.d/.keep
chmod 0440 /etc/sudoers.d/admin
systemd-sysusers
mkdir -p /var/lib/coldframe /srv
systemctl enable --quiet coldframe-data.service coldframe-firstboot.service coldframe.service coldframe-helper.socket coldframe-console@tty1.service coldframe-console@ttyS0.service \
  nftables.service systemd-networkd.service systemd-networkd-wait-online.service systemd-resolved.service systemd-timesyncd.service
# The console takes their place; nobody has a password to log in with there.
systemctl mask --quiet getty@tty1.service serial-getty@ttyS0.service
# The first boot switches it on when there is a key.
systemctl disable --quiet ssh.service ssh.socket
# No daemon of the NFS server side and none of version 3's locks listens by itself.
systemctl mask --quiet rpcbind.service rpcbind.socket nfs-blkmap.service
passwd --quiet --lock root
