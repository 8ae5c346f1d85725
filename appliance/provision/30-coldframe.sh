#!/bin/sh
# The program. Its native parts were built for this release of Debian; here they must load.
set -eu
mkdir -p /opt/coldframe
tar -C /opt/coldframe --extract --zstd --no-same-owner --file /tmp/coldframe/payload.tar.zst
node=/opt/coldframe/node_modules/.bin/node
"$node" --version
# Absent in an image made for work on the operating system side alone.
release=/opt/coldframe/native/build/Release
if [ -d $release ]; then
  for file in $release/coldframe.node $release/disk-worker; do
    if ldd $file 2>&1 | grep 'not found'; then
      echo "30-coldframe: $file lacks a library; add its package to packages.list" >&2
      exit 1
    fi
  done
  "$node" -e 'require(process.argv[1])' $release/coldframe.node
fi
