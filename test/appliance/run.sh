#!/bin/sh
# npm run test:appliance: makes the OVA when anything that goes into it has changed, then boots it.
#   run.sh [--build-only]
set -eu
cd "$(dirname "$0")/../.."
out=.cache/appliance
mkdir -p $out
now=$({
  find appliance packer ova-build.sh src native .ci/native.sh package-lock.json \
    -path native/build -prune -o -path native/test -prune -o -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
  date +%F # Debian's updates of the day
} | sha256sum)
if [ "$(cat $out/stamp 2>/dev/null)" != "$now" ] || ! ls $out/*.ova >/dev/null 2>&1; then
  rm -f $out/stamp $out/*.ova
  echo 'appliance: building the OVA (three to ten minutes)'
  if ! appliance/build/image.sh $out >$out/build.log 2>&1; then
    tail -n 40 $out/build.log >&2
    echo "appliance: the build failed. The whole output is in $out/build.log." >&2
    exit 1
  fi
  echo "$now" >$out/stamp
fi
[ "${1:-}" != --build-only ] || exit 0
COLDFRAME_OVA=$(ls "$PWD"/$out/*.ova)
export COLDFRAME_OVA
ls -l "$COLDFRAME_OVA"
exec node_modules/.bin/node --test --test-concurrency=1 --test-reporter=spec test/appliance/*.test.ts
