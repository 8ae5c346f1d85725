#!/bin/sh
# The one gate: format, lint (room table and import cycles among the rules), types.
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/node_modules/.bin:$PATH"
export PATH
echo 'check: format'; oxfmt --check .
echo 'check: lint'; oxlint --type-aware --deny-warnings
echo 'check: types'; tsc --noEmit
echo 'check: ok'
