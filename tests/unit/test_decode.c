// SPDX-License-Identifier: GPL-2.0-only
/*
 * Decoders of Domain 0 kernels against the outputs of the real tools, and against damage of every kind.
 * Samples are made by decode_samples.sh, in the folder that DECODE_SAMPLES names or beside the test.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <hv/decode.h>
#include <hv/lib.h>

struct blob { u8 *p; size_t len; };

static struct blob load(const char *name)
{
	const char *dir = getenv("DECODE_SAMPLES");
	char path[1024];
	struct blob b = { NULL, 0 };
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir ? dir : TEST_BUILDDIR "/decode-samples", name);
	f = fopen(path, "rb");
	if (!f)
		return b;
	fseek(f, 0, SEEK_END);
	b.len = (size_t)ftell(f);
	rewind(f);
	b.p = malloc(b.len ? b.len : 1);
	assert_int_equal(fread(b.p, 1, b.len, f), b.len);
	fclose(f);
	return b;
}

static int run(const u8 *src, size_t len, u8 *dst, size_t cap, size_t *out, const char **why)
{
	/* Exact-size copies, so that ASan sees one byte too many. */
	u8 *s = malloc(len ? len : 1), *d = malloc(cap ? cap : 1);
	void *work = aligned_alloc(64, DECODE_WORK_SIZE);
	struct decode_job job = { .src = s, .src_len = len, .dst = d, .dst_cap = cap, .work = work };
	int rc;

	memcpy(s, src, len);
	memset(work, 0xa5, DECODE_WORK_SIZE);
	rc = decode_run(decode_detect(s, len), &job);
	if (!rc && dst)
		memcpy(dst, d, job.out_len);
	*out = job.out_len;
	*why = job.why;
	free(s);
	free(d);
	free(work);
	return rc;
}

static const char *const inputs[] = { "text", "code", "zeros", "random", "tiny", "mixed" };
static const char *const ways[] = { "gz", "gz1", "gz9", "xz", "xzbcj", "xz64", "xz0", "xzblocks", "xzlp",
	"zst", "zst1", "zst22", "zstnc", "lz4", "lz4hc" };

static void good(void **state)
{
	unsigned int done = 0;

	for (size_t i = 0; i < ARRAY_SIZE(inputs); i++) {
		struct blob plain = load(inputs[i]);

		assert_non_null(plain.p);
		for (size_t w = 0; w < ARRAY_SIZE(ways); w++) {
			char name[64];
			struct blob c;
			u8 *got = malloc(plain.len + 1);
			size_t out;
			const char *why;
			int rc;

			snprintf(name, sizeof(name), "%s.%s", inputs[i], ways[w]);
			c = load(name);
			assert_non_null(c.p);
			rc = run(c.p, c.len, got, plain.len, &out, &why);
			if (rc)
				fail_msg("%s: %d %s", name, rc, why);
			assert_int_equal(out, plain.len);
			assert_memory_equal(got, plain.p, plain.len);
			/* Room to spare changes nothing, one byte too little is an error. */
			assert_int_equal(run(c.p, c.len, NULL, plain.len + 100, &out, &why), 0);
			assert_int_equal(out, plain.len);
			assert_int_equal(run(c.p, c.len, NULL, plain.len - 1, &out, &why), -ENOSPC);
			free(got);
			free(c.p);
			done++;
		}
		free(plain.p);
	}
	assert_int_equal(done, ARRAY_SIZE(inputs) * ARRAY_SIZE(ways));
}

static void truncated(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(inputs); i++) {
		for (size_t w = 0; w < ARRAY_SIZE(ways); w++) {
			char name[64];
			struct blob c;
			size_t out, step;
			const char *why;

			snprintf(name, sizeof(name), "%s.%s", inputs[i], ways[w]);
			c = load(name);
			step = c.len / 40 + 1;
			for (size_t n = 0; n < c.len; n += n > 64 && n + 64 < c.len ? step : 1) {
				int rc = run(c.p, n, NULL, 400000, &out, &why);

				/* lz4's legacy frame has no end mark: a cut between blocks cannot be seen. */
				if (!rc && decode_detect(c.p, c.len) != DECODE_LZ4)
					fail_msg("%s cut to %zu of %zu passes", name, n, c.len);
			}
			free(c.p);
		}
	}
}

static void garbled(void **state)
{
	u32 seed = 12345;

	for (size_t i = 0; i < ARRAY_SIZE(inputs); i++) {
		struct blob plain = load(inputs[i]);
		u8 *got = malloc(400000);

		for (size_t w = 0; w < ARRAY_SIZE(ways); w++) {
			char name[64];
			struct blob c;

			snprintf(name, sizeof(name), "%s.%s", inputs[i], ways[w]);
			c = load(name);
			for (int k = 0; k < 60; k++) {
				u8 *bad = malloc(c.len);
				size_t out;
				const char *why;
				int rc;

				memcpy(bad, c.p, c.len);
				for (int n = 0; n <= k % 3; n++) {
					seed = seed * 1664525 + 1013904223;
					bad[k < 30 ? seed % min(c.len, (size_t)200) : seed % c.len] ^= (u8)(1U << (seed >> 20 & 7));
				}
				rc = run(bad, c.len, got, 400000, &out, &why);
				/* Either refused, or the damage was in a field that carries nothing. */
				if (!rc && strstr(ways[w], "gz"))
					assert_true(out == plain.len && !memcmp(got, plain.p, out));
				free(bad);
			}
			free(c.p);
		}
		free(got);
		free(plain.p);
	}
}

static void bzimage_headers(void **state)
{
	u8 img[4096] = { 0 };
	struct bzimage bz;
	const char *why;

	assert_int_equal(bzimage_parse(img, sizeof(img), &bz, &why), -ENOEXEC);
	img[0x1fe] = 0x55;
	img[0x1ff] = 0xaa;
	memcpy(img + 0x202, "HdrS", 4);
	img[0x206] = 7;
	img[0x207] = 2;
	assert_int_equal(bzimage_parse(img, sizeof(img), &bz, &why), -EINVAL);
	img[0x206] = 15;
	img[0x1f1] = 3;			/* payload from 2048 on */
	img[0x24c] = 64;
	memcpy(img + 2048, "\x1f\x8b", 2);
	img[2048 + 61] = 0x10;		/* unpacked length 0x1000 */
	assert_int_equal(bzimage_parse(img, sizeof(img), &bz, &why), 0);
	assert_int_equal(bz.format, DECODE_GZIP);
	assert_int_equal(bz.unpacked_len, 0x1000);
	assert_int_equal(bz.payload_len, 64);
	memcpy(img + 2048, "\xfd" "7zXZ", 6);
	assert_int_equal(bzimage_parse(img, sizeof(img), &bz, &why), 0);
	assert_int_equal(bz.payload_len, 60);
	assert_int_equal(bzimage_parse(img, 2048 + 63, &bz, &why), -EINVAL);
	memset(img + 0x248, 0xff, 8);
	assert_int_equal(bzimage_parse(img, sizeof(img), &bz, &why), -EINVAL);
	memset(img + 0x248, 0, 8);
	assert_int_equal(bzimage_parse(img, sizeof(img), &bz, &why), -EINVAL);
	assert_int_equal(bzimage_parse(img, 0x24f, &bz, &why), -ENOEXEC);
}

/* With arguments: unpack a file (any format, or a bzImage) to stdout and say how it went. */
static int unpack(const char *path)
{
	struct blob c = { NULL, 0 };
	struct bzimage bz;
	const char *why = "";
	static u8 work[DECODE_WORK_SIZE] aligned_to(16);
	struct decode_job job = { .work = work, .dst_cap = 256U << 20 };
	int rc;

	setenv("DECODE_SAMPLES", "/", 1);
	c = load(path);
	if (!c.p)
		return 2;
	job.src = c.p;
	job.src_len = c.len;
	job.dst = malloc(job.dst_cap);
	rc = bzimage_parse(c.p, c.len, &bz, &why);
	if (!rc) {
		job.src = bz.payload;
		job.src_len = bz.payload_len;
		job.dst_cap = bz.unpacked_len;
	}
	rc = decode_run(decode_detect(job.src, job.src_len), &job);
	fprintf(stderr, "%s: rc %d %s, %zu bytes\n", decode_format_name(decode_detect(job.src, job.src_len)), rc,
		job.why, job.out_len);
	fwrite(job.dst, 1, job.out_len, stdout);
	free(job.dst);
	free(c.p);
	return rc != 0;
}

static int make_samples(void **state)
{
	if (getenv("DECODE_SAMPLES"))
		return 0;
	return system("sh '" TEST_SRCDIR "/unit/decode_samples.sh' '" TEST_BUILDDIR "/decode-samples'");
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(bzimage_headers),
		cmocka_unit_test(good),
		cmocka_unit_test(truncated),
		cmocka_unit_test(garbled),
	};

	if (argc > 1)
		return unpack(argv[1]);
	return cmocka_run_group_tests(tests, make_samples, NULL);
}
