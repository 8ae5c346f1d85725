#!/bin/sh
# The program. Its native parts were built for this release of Debian; here they must load.
set -eu
mkdir -p /opt/coldframe
tar -C /opt/coldframe --extract --zstd --no-same-owner --file /tmp/coldframe/payload.tar.zst
node=/opt/coldframe/node_modules/.bin/node
"$node" --version
if [ -d /opt/coldframe/native/build ]; then
  find /opt/coldframe/native/build -type f | while read -r file; do
    if ldd "$file" 2>&1 | grep 'not found'; then
      echo "30-coldframe: $file lacks a library; add its package to packages.list" >&2
      exit 1
    fi
  done
  find /opt/coldframe/native/build -name '*.node' | while read -r addon; do
    "$node" -e 'require(process.argv[1])' "$addon"
  done
fi
