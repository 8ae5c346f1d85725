#!/bin/sh
# Everything that must not be the same in every appliance, or is not needed any more.
set -eu
apt-get clean
rm -rf /tmp/coldframe /root/.ssh /var/lib/apt/lists/* /var/cache/debconf/*-old /var/log/journal/* /var/log/apt /var/log/*.log
rm -f /etc/ssh/ssh_host_* /var/lib/dbus/machine-id /var/lib/systemd/random-seed /var/lib/systemd/timesync/clock
# Not empty: an empty file is no first boot to systemd's conditions.
echo uninitialized >/etc/machine-id
fstrim / || echo '99-clean: the disk cannot be trimmed; the image will be larger'
sync
