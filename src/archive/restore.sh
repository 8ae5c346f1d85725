#!/bin/sh
# Rebuilds the disks of a backup as raw images, without coldframe: needs a POSIX shell, tar,
# awk, od, dd (with iflag=fullblock) and, for .tar.zst archives, zstd.
#
#   sh restore.sh OUTPUT-FOLDER FULL [INCREMENTAL ...]
#
# Archives in the order in which they were made, each the parent of the next. Every disk of the
# last one becomes OUTPUT-FOLDER/<label>.raw. Nothing that exists is overwritten.
set -eu
LC_ALL=C
export LC_ALL
umask 077

fail() {
  printf 'restore.sh: %s\n' "$*" >&2
  exit 1
}

[ $# -ge 2 ] || fail 'usage: sh restore.sh OUTPUT-FOLDER FULL [INCREMENTAL ...]'
out=$1
shift
mkdir -p "$out" || fail "cannot make the folder $out"
work=$out/.restore.$$
mkdir "$work" || fail "cannot write in the folder $out"
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

is_zstd() {
  [ "$(dd if="$1" bs=4 count=1 2>/dev/null | od -An -tx1 | tr -d ' \n')" = 28b52ffd ]
}

# The tar stream of an archive. What goes wrong here is noted, since a pipe hides it.
stream() {
  if is_zstd "$1"; then
    zstd -q -d -c <"$1" || : >"$work/failed"
  else
    cat <"$1" || : >"$work/failed"
  fi
}

# The archive's seal, which was just unpacked. The data of a .tar.zst is checked by zstd itself;
# nothing here checks that of a plain one, and the user is told so.
check_seal() {
  if command -v b3sum >/dev/null 2>&1; then
    (cd "$work" && b3sum -c manifest.blake3 >/dev/null 2>&1) ||
      fail "$1 is damaged: its manifest.json does not match manifest.blake3; use another copy of it"
  fi
  is_zstd "$1" || : >"$work/unchecked"
}

check_stream() {
  [ ! -e "$work/failed" ] || fail "$1 is damaged or cannot be read; use another copy of it"
}

# value FILE INDENT KEY: the first such line of our JSON, which has one key a line.
value() {
  sed -n "s/^$2\"$3\": \"\\(.*\\)\",\\{0,1\\}\$/\\1/p" "$1" | sed -n 1p
}

# Passes exactly so many bytes (a multiple of 512) from standard input on.
pass() {
  [ "$1" -lt 1048576 ] || dd bs=1048576 count=$(($1 / 1048576)) iflag=fullblock 2>/dev/null
  [ $(($1 % 1048576)) -eq 0 ] || dd bs=512 count=$(($1 % 1048576 / 512)) iflag=fullblock 2>/dev/null
}

# Regions (offset, length) as lines "block-size count block": as few dd runs, with as large
# blocks, as their alignment allows.
plan() {
  awk '
    function emit(bs, count) {
      printf "%.0f %.0f %.0f\n", bs, count, offset / bs
      offset += bs * count
      left -= bs * count
    }
    function block(limit,  bs) {
      bs = 1048576
      while (offset % bs != 0 || bs > limit) bs /= 2
      return bs
    }
    NR == 1 { next }
    NR % 2 == 0 { offset = $1 + 0; next }
    {
      left = $1 + 0
      lead = (1048576 - offset % 1048576) % 1048576
      while (left > 0 && offset % 1048576 != 0) {
        want = left < lead ? left : lead
        bs = block(want)
        emit(bs, int(want / bs))
        lead = (1048576 - offset % 1048576) % 1048576
      }
      while (left > 0) { bs = block(left); emit(bs, int(left / bs)) }
    }'
}

# With a dd that can, blocks of zeros become holes in a new image.
sparse=
if dd if=/dev/null of="$work/probe" conv=sparse 2>/dev/null; then sparse=,sparse; fi

# Writes the disks of one archive, whose tar stream is standard input.
apply() {
  position=0
  while read -r label head data capacity mode <&3; do
    image=$out/$label.raw
    if [ "$mode" = full ]; then
      rm -f "$image"
      conv=notrunc$sparse
    else
      conv=notrunc
      [ -f "$image" ] || fail "disk $label: its full backup is not among the archives"
    fi
    dd if=/dev/null of="$image" bs=1 seek="$capacity" count=0 2>/dev/null ||
      fail "cannot make $image of $capacity bytes"
    pass $((head - position)) >/dev/null
    pass $((data - head)) >"$work/head"
    # Headers: one block, the pax records (their size in octal at 124), one block. Then the map.
    size=$(dd if="$work/head" bs=1 skip=124 count=11 2>/dev/null)
    dd if="$work/head" bs=512 skip=$((2 + (0$size + 511) / 512)) 2>/dev/null |
      tr -d '\000' | plan >"$work/plan"
    printf '%s: %s (%s)\n' "$1" "$label" "$mode"
    bytes=0
    while read -r bs count block <&4; do
      dd bs="$bs" count="$count" seek="$block" iflag=fullblock conv="$conv" of="$image" 2>/dev/null ||
        fail "cannot write $image (is the folder full?)"
      bytes=$((bytes + bs * count))
    done 4<"$work/plan"
    # What follows begins at the next block.
    padding=$(((512 - bytes % 512) % 512))
    [ "$padding" -eq 0 ] || dd bs="$padding" count=1 iflag=fullblock of=/dev/null 2>/dev/null
    position=$((data + bytes + padding))
  done 3<"$work/disks"
  cat >/dev/null
}

# One line a disk: label, position of its first header, position of its data, capacity, mode.
list_disks() {
  awk '
    function text(line) { sub(/^[^:]*: "/, "", line); sub(/",?$/, "", line); return line }
    function digits(line) { sub(/^[^:]*: /, "", line); sub(/,$/, "", line); return line }
    FNR == NR {
      if (/^      "label": "/) label = text($0)
      if (/^      "capacityBytes": /) capacity[label] = digits($0)
      if (/^      "mode": "/) mode[label] = text($0)
      next
    }
    /^      "name": "/ { name = text($0) }
    /^      "headerOffset": / { head = digits($0) }
    /^      "dataOffset": / {
      if (name !~ /^disks\/[A-Za-z0-9][A-Za-z0-9._-]*\.raw$/) next
      label = substr(name, 7, length(name) - 10)
      if (label in capacity) print label, head, digits($0), capacity[label], mode[label]
    }' "$work/restore-point.json" "$work/manifest.json"
}

# First look at all archives, then write.
previous_id=
previous_seal=
replaced_id=
replaced_seal=
for archive in "$@"; do
  [ -r "$archive" ] || fail "cannot read $archive"
  rm -f "$work/restore-point.json" "$work/manifest.json" "$work/manifest.blake3"
  stream "$archive" |
    (cd "$work" && tar -xf - restore-point.json manifest.blake3 manifest.json && cat >/dev/null) ||
    fail "$archive is not a finished archive: it lacks restore-point.json or its seal"
  check_stream "$archive"
  check_seal "$archive"
  version=$(sed -n 's/^  "formatVersion": \([0-9]*\),$/\1/p' "$work/restore-point.json")
  [ "$version" = 1 ] || fail "$archive has format version $version; use its own restore.sh"
  parent=$(value "$work/restore-point.json" '    ' id)
  parent_seal=$(value "$work/restore-point.json" '    ' seal)
  # A synthetic full stands in for the restore point whose disks it holds.
  if [ -n "$parent" ] && [ "$parent" = "$replaced_id" ]; then
    previous_id=$replaced_id
    previous_seal=$replaced_seal
  fi
  if [ "$parent" != "$previous_id" ]; then
    fail "$archive needs restore point ${parent:-none} before it, not ${previous_id:-none}"
  fi
  if [ "$parent_seal" != "$previous_seal" ]; then
    fail "$archive was made from another copy of restore point $parent: the seals differ"
  fi
  previous_id=$(value "$work/restore-point.json" '  ' id)
  read -r previous_seal _ <"$work/manifest.blake3"
  replaced_id=$(value "$work/restore-point.json" '    ' restorePointId)
  replaced_seal=$(value "$work/restore-point.json" '    ' restorePointSeal)
done

list_disks >"$work/disks"
while read -r label _; do
  [ ! -e "$out/$label.raw" ] || fail "$out/$label.raw exists already; choose another folder"
  printf '%s\n' "$label" >>"$work/wanted"
done <"$work/disks"
[ -e "$work/wanted" ] || fail "there are no disks in the last archive"

for archive in "$@"; do
  stream "$archive" |
    (cd "$work" && tar -xf - restore-point.json manifest.json && cat >/dev/null)
  list_disks >"$work/all"
  awk 'FNR == NR { wanted[$1]; next } $1 in wanted' "$work/wanted" "$work/all" >"$work/disks"
  stream "$archive" | apply "$archive"
  check_stream "$archive"
done
printf 'done: %s\n' "$out"
if [ -e "$work/unchecked" ]; then
  printf 'restore.sh: %s\n' \
    'the data of plain .tar archives is not checked here; to check it, run: coldframe tool verify ARCHIVE ...' >&2
fi
