#!/bin/sh
# Software of other people that the suites and benchmarks hold coldframe and its lab against: govmomi's
# simulator and govc, built from test/peers/go, and pyVmomi in a Python environment of its own. Into .cache/peers,
# again when their pins or sources have changed.
#   peers.sh [--quiet]
set -eu
cd "$(dirname "$0")/.."
export LC_ALL=C

quiet=
[ "${1:-}" = --quiet ] && quiet=1
say() { [ -n "$quiet" ] || printf '%s\n' "$*"; }

peers=$PWD/.cache/peers
log=.cache/peers.log
mkdir -p "$peers"
# Debian 12's Go is too old for govmomi; it can fetch a newer one as the module that Go itself switches
# toolchains with.
toolchain=v0.0.1-go1.25.5.linux-amd64

run_logged() {
  if ! "$@" >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    printf '\npeers: failed at: %s\nThe whole output is in %s.\n' "$*" "$log" >&2
    exit 1
  fi
}

stamp=$peers/.stamp
now=$(cat .ci/peers.sh test/peers/requirements.txt test/peers/go/go.mod test/peers/go/go.sum test/peers/go/*/*.go | sha256sum | cut -d ' ' -f 1)
if [ "$(cat "$stamp" 2>/dev/null || true)" = "$now" ] && "$peers/venv/bin/python3" -c 'import pyVmomi' 2>/dev/null; then
  say "peers: up to date"
  exit 0
fi
rm -f "$stamp"
printf 'peers: building vcsim and govc, installing pyVmomi (first time some minutes)\n'

# Whether a Go is 1.25 or newer.
recent() { "$1" env GOVERSION 2>/dev/null | grep -Eq '^go(1\.(2[5-9]|[3-9][0-9])|[2-9])'; }

go=$(command -v go || true)
export GOFLAGS=-modcacherw GOTOOLCHAIN=local GOWORK=off CGO_ENABLED=0
if [ -z "$go" ] || ! recent "$go"; then
  [ -n "$go" ] || go=/usr/lib/go/bin/go
  export GOPATH="$peers/gopath"
  run_logged "$go" mod download "golang.org/toolchain@$toolchain"
  root=$GOPATH/pkg/mod/golang.org/toolchain@$toolchain
  chmod -R u+x "$root/bin" "$root/pkg/tool" # modules carry no modes
  export GOROOT="$root"
  go=$root/bin/go
fi
run_logged "$go" build -C test/peers/go -trimpath -ldflags '-s -w' -o "$peers/" ./vcsim ./govc

# A Python environment has absolute paths in it: a moved one is made anew.
rm -rf "$peers/venv"
run_logged /usr/bin/python3 -m venv "$peers/venv"
run_logged "$peers/venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r test/peers/requirements.txt

printf '%s\n' "$now" >"$stamp"
say "peers: ready"
