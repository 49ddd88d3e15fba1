#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
for t in xz zstd lz4 openssl; do
	command -v $t >/dev/null || { echo "skip: $t is not installed"; exit 77; }
done
exec sh "$(dirname "$0")/hvtest.sh" test_decode.c boot/decode.c boot/decode_fse.c boot/decode_gzip.c \
	boot/decode_lz4.c boot/decode_lzma.c boot/decode_sum.c boot/decode_xz.c boot/decode_zstd.c
