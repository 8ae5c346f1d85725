#!/bin/sh
# image.sh OUT-FOLDER [--without-native]
# From the working tree to OUT-FOLDER/coldframe-VERSION.ova, its raw system disk and its bill of materials.
# Root only (mmdebstrap). Takes three to ten minutes. The packages: see .ci/debian-packages, set appliance.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
[ $# -ge 1 ] || { sed -n 's/^# \(image.sh .*\)/usage: \1/p' "$0" >&2; exit 2; }
out=$1
shift
[ "$(id -u)" -eq 0 ] || { echo 'image.sh: must run as root, because mmdebstrap makes device nodes and owners' >&2; exit 1; }
mkdir -p "$out"
out=$(cd "$out" && pwd)
work=$out/work
version=$("$top/node_modules/.bin/node" -p 'require(process.argv[1]).version' "$top/package.json")
export CHECKPOINT_DISABLE=1 PACKER_CACHE_DIR="$work/packer-cache"

say() { printf '%s image: %s\n' "$(date +%T)" "$*"; }
rm -rf "$work/image"
mkdir -p "$work"
[ -e "$work/key" ] || ssh-keygen -q -t ed25519 -N '' -C coldframe-build -f "$work/key"

say 'payload'
"$here/payload.sh" "$work/payload" "$work/parts" "$@"
say 'base disk'
# Packages change seldom, code often: the base is made again when the list or its makers changed, or daily.
stamp=$(cat "$top/appliance/packages.list" "$here/base-disk.sh" "$here/raw-disk.sh" "$here/mirror.sh" "$work/key.pub" | sha256sum)-$(date +%F)
if [ "$(cat "$work/base.stamp" 2>/dev/null)" != "$stamp" ]; then
  "$here/close-descriptors.sh" "$here/base-disk.sh" "$work" "$work/key.pub" "$work/base.raw"
  echo "$stamp" >"$work/base.stamp"
fi
say 'packer'
packer build -color=false -only=qemu.appliance -var "base_image=$work/base.raw" -var "parts=$work/parts" \
  -var "ssh_key=$work/key" -var "output=$work/image" "$top/packer"
say 'OVA'
"$top/ova-build.sh" "$work/image/coldframe.raw" "$version" "$out/coldframe-$version.ova"
cp "$work/parts/sbom.cdx.json" "$out/coldframe-$version.sbom.cdx.json"
say "done: $out/coldframe-$version.ova"
