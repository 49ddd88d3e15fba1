#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Makes the inputs of decode_test in folder $1 with the real tools.
set -e
mkdir -p "$1" && cd "$1"
[ -e done ] && exit 0
# Deterministic inputs of different kinds; "code" is real x86 code for the BCJ filter.
awk 'BEGIN { srand(7); for (i = 0; i < 9000; i++) printf "%d line %x of %s\n", i, rand() * 65536, "some text that repeats" }' > text
head -c 300000 "$(command -v bash)" > code
head -c 300000 /dev/zero > zeros
openssl enc -aes-128-ctr -K 00112233445566778899aabbccddeeff -iv 0 < zeros 2>/dev/null | head -c 200000 > random
printf x > tiny
{ head -c 60000 code; head -c 60000 random; head -c 60000 text; head -c 60000 zeros; head -c 60000 code; } > mixed
for f in text code zeros random tiny mixed; do
	gzip -nc6 $f > $f.gz; gzip -nc1 $f > $f.gz1; gzip -c9 $f > $f.gz9
	xz -c --check=crc32 $f > $f.xz
	xz -c --check=crc32 --x86 --lzma2=dict=32MiB $f > $f.xzbcj
	xz -c --check=crc64 -9e $f > $f.xz64
	xz -c --check=none -0 $f > $f.xz0
	xz -c --check=crc32 --block-size=40000 --x86 --lzma2 $f > $f.xzblocks
	xz -c --check=sha256 --lzma2=lc=1,lp=3,pb=1 $f > $f.xzlp
	zstd -qc $f > $f.zst; zstd -qc1 $f > $f.zst1
	zstd -qc --ultra -22 < $f > $f.zst22
	zstd -qc --no-check -15 $f > $f.zstnc
	lz4 -qcl $f > $f.lz4; lz4 -qcl9 $f > $f.lz4hc
done
: > done
