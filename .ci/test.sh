#!/bin/sh
# Everything that must hold before a change lands, quickest first.
#   test.sh [node-test-file ...]     with files: only those, no gate and no native suites
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/node_modules/.bin:$PATH"
export PATH LC_ALL=C

if [ $# -gt 0 ]; then
  exec node --test --test-reporter=spec "$@"
fi
sh .ci/check.sh
echo 'test: native, under AddressSanitizer and UndefinedBehaviorSanitizer'
make -s -C native/test -j2 asan
echo 'test: native, under ThreadSanitizer'
make -s -C native/test -j2 tsan
echo 'test: node'
# One list, so that the closing lines count everything. Two at a time: the machine the
# suites are sized for has two cores.
find test -name '*.test.ts' -not -path 'test/appliance/*' | LC_ALL=C sort |
  xargs node --test --test-concurrency=2 --test-timeout=600000 --test-reporter="${TEST_REPORTER:-spec}"
