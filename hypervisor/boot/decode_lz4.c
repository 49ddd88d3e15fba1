// SPDX-License-Identifier: GPL-2.0-only
/* LZ4 in its legacy frame: a magic, then blocks of at most 8 MiB each behind a 32-bit length. */
#include "decode_priv.h"

#define LZ4_LEGACY_MAGIC 0x184c2102U
#define LZ4_MIN_MATCH 4

/* A length that continues in bytes of 255 ends with a smaller one. False when the input ends. */
static init_hot bool lz4_length(const u8 **in, const u8 *end, size_t *len)
{
	u8 b;

	if (*len != 15)
		return true;
	do {
		if (*in >= end)
			return false;
		b = *(*in)++;
		*len += b;
	} while (b == 255);
	return true;
}

static init_hot int lz4_block(struct decode_job *job, const u8 *in, const u8 *end)
{
	u8 *base = job->dst, *out = job->dst + job->out_len, *limit = job->dst + job->dst_cap;

	while (in < end) {
		u8 token = *in++;
		size_t lit = token >> 4, len = token & 15, dist;

		if (!lz4_length(&in, end, &lit) || lit > (size_t)(end - in))
			return decode_fail(job, -EINVAL, "lz4: literals run past their block");
		if (lit > (size_t)(limit - out))
			return decode_fail(job, -ENOSPC, "lz4: more output than expected");
		memcpy(out, in, lit);
		out += lit;
		in += lit;
		if (in == end)		/* the last sequence of a block has no match */
			break;
		if (end - in < 2)
			return decode_fail(job, -EINVAL, "lz4: block ends inside an offset");
		dist = load_le16(in);
		in += 2;
		if (!lz4_length(&in, end, &len))
			return decode_fail(job, -EINVAL, "lz4: block ends inside a length");
		len += LZ4_MIN_MATCH;
		if (!dist || dist > (size_t)(out - base))
			return decode_fail(job, -EINVAL, "lz4: match reaches before the start");
		if (len > (size_t)(limit - out))
			return decode_fail(job, -ENOSPC, "lz4: more output than expected");
		copy_match(out, dist, len, (size_t)(limit - out));
		out += len;
	}
	job->out_len = (size_t)(out - base);
	return 0;
}

int init_hot decode_lz4(struct decode_job *job)
{
	const u8 *in = job->src, *end = in + job->src_len;
	int rc;

	if (job->src_len < 8 || load_le32(in) != LZ4_LEGACY_MAGIC)
		return decode_fail(job, -EINVAL, "lz4: no legacy frame");
	in += 4;
	while (end - in >= 4) {
		u32 size = load_le32(in);

		in += 4;
		if (size == LZ4_LEGACY_MAGIC)	/* frames may be concatenated */
			continue;
		if (!size || size > (size_t)(end - in))
			return decode_fail(job, -EINVAL, "lz4: truncated block");
		rc = lz4_block(job, in, in + size);
		if (rc)
			return rc;
		in += size;
	}
	return in == end ? 0 : decode_fail(job, -EINVAL, "lz4: bytes left over");
}
