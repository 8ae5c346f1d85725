#!/bin/sh
# Installs what packages.list names. On the qemu source the base disk has it all, so nothing happens.
set -eu
export DEBIAN_FRONTEND=noninteractive
missing=
for package in $(sed 's/#.*//' /tmp/coldframe/packages.list); do
  dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
done
if [ -n "$missing" ]; then
  apt-get update -q
  # shellcheck disable=SC2086  # a list of words
  apt-get install -q -y --no-install-recommends $missing
fi
# An installer may have brought what must not touch guests' disks.
for package in lvm2 mdadm multipath-tools udisks2 btrfs-progs zfsutils-linux; do
  if dpkg-query -W -f '${db:Status-Status}' $package 2>/dev/null | grep -qx installed; then
    apt-get purge -q -y $package
  fi
done
