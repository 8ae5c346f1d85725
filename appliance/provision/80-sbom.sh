#!/bin/sh
# What is inside, with versions; kept in the image and fetched beside it.
set -eu
dpkg-query -W -f '${Package}\t${Version}\t${Architecture}\n' >/tmp/coldframe/dpkg.tsv
mkdir -p /usr/share/coldframe
/opt/coldframe/node_modules/.bin/node /opt/coldframe/appliance/sbom/main.ts \
  /tmp/coldframe/dpkg.tsv /opt/coldframe /usr/share/coldframe/sbom.cdx.json
