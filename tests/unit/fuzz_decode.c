// SPDX-License-Identifier: GPL-2.0-only
/*
 * libFuzzer target over all that parses a kernel file:
 * clang -fsanitize=fuzzer,address,undefined, with hypervisor/boot/decode*.c and elf.c.
 */
#include <stdlib.h>
#include <hv/decode.h>
#include <hv/elf.h>
#include <hv/lib.h>

int LLVMFuzzerTestOneInput(const u8 *data, size_t len);

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	enum { CAP = 1 << 16 };
	static u8 work[DECODE_WORK_SIZE] aligned_to(16);
	struct decode_job job = { .src = data, .src_len = len, .dst = malloc(CAP), .dst_cap = CAP, .work = work };
	struct elf_kernel *k = malloc(sizeof(*k));
	struct bzimage bz;
	const char *why;

	if (!bzimage_parse(data, len, &bz, &why)) {
		job.src = bz.payload;
		job.src_len = bz.payload_len;
	}
	if (!decode_run(decode_detect(job.src, job.src_len), &job))
		why = elf_kernel_parse(k, job.dst, job.out_len, &why) ? why : NULL;
	if (!elf_kernel_parse(k, data, len, &why))
		why = elf_kernel_check_pv(k, true, 0xffff800000000000ULL, &why) ? why : NULL;
	free(job.dst);
	free(k);
	return 0;
}
