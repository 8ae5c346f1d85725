#!/bin/sh
# Packs a raw disk image into an OVA: streamOptimized VMDKs, OVF descriptor, SHA-256
# manifest and, if a key is given, its signature.
#
#   ova-build.sh IMAGE.raw VERSION OUT.ova [--data-gib N] [--level 1-9] [--sign KEY.pem CERT.pem]
#
# The same image, version and options give the same OVA. SOURCE_DATE_EPOCH sets the
# members' time (default 0).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
usage() { sed -n 's/^#   //p' "$0" >&2; exit 2; }

[ $# -ge 3 ] || usage
image=$1 version=$2 out=$3
shift 3
key='' certificate='' data_gib=32 level=6
while [ $# -gt 0 ]; do
  case $1 in
    --data-gib) [ $# -ge 2 ] || usage; data_gib=$2; shift 2 ;;
    --level) [ $# -ge 2 ] || usage; level=$2; shift 2 ;;
    --sign) [ $# -ge 3 ] || usage; key=$2 certificate=$3; shift 3 ;;
    *) usage ;;
  esac
done

# Beside the result, so that the last step is a rename.
work=$(mktemp -d "$(dirname "$out")/.ova-build.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP

"$here/node_modules/.bin/node" "$here/appliance/ova/main.ts" --image "$image" --version "$version" \
  --folder "$work" --data-gib "$data_gib" --level "$level" >"$work/members"

name=coldframe-$version
if [ -n "$key" ]; then
  # A .cert is the signature of the manifest, then the certificate that checks it.
  signature=$(openssl dgst -sha256 -sign "$key" "$work/$name.mf" | od -An -v -tx1 | tr -d ' \n')
  { printf 'SHA256(%s.mf)= %s\n' "$name" "$signature"; openssl x509 -in "$certificate"; } >"$work/$name.cert"
  sed -i "s/^$name\.mf\$/&\n$name.cert/" "$work/members"
fi

# ustar, descriptor first: importers read it while the rest still arrives.
tar --create --format=ustar --owner=0 --group=0 --numeric-owner --mode=0644 \
  --mtime="@${SOURCE_DATE_EPOCH:-0}" --directory="$work" --files-from="$work/members" \
  --file="$work/result.ova"
mv "$work/result.ova" "$out"
printf '%s: %s bytes\n' "$out" "$(stat -c %s "$out")"
