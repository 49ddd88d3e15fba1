/* SPDX-License-Identifier: GPL-2.0-only */
/* Pure pieces of libxenlight: virtual disk numbers, and the frame of saved domains. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../libxl/light/device.h"
#include "../../libxl/light/stream.h"

/* The numbers of the public vbd interface. */
static void test_vdev(void **state)
{
	static const struct {
		const char *name;
		int number;
	} rows[] = {
		{ "xvda", 51712 }, { "xvda1", 51713 }, { "xvdb", 51728 }, { "xvdp15", 51967 },
		{ "xvdq", 1 << 28 | 16 << 8 }, { "xvda16", 1 << 28 | 16 }, { "xvdaa", 1 << 28 | 26 << 8 },
		{ "hda", 768 }, { "hdb", 832 }, { "hdc", 5632 }, { "hdd1", 5697 }, { "sda", 2048 },
		{ "sdb1", 2065 }, { "d0", 51712 }, { "d2p3", 51747 }, { "51712", 51712 }, { "0xca00", 51712 },
		{ "/dev/xvda", 51712 },
		{ "", -1 }, { "xvd", -1 }, { "xvda0", -1 }, { "xvda01", -1 }, { "xvda256", -1 }, { "xvda1x", -1 },
		{ "hde", -1 }, { "sdq", -1 }, { "sda16", -1 }, { "floppy", -1 }, { "d", -1 }, { "d0p", -1 },
		{ "xvdzzzzzzzzz", -1 }, { "99999999999", -1 }, { "XVDA", -1 },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (vdev_to_devid(rows[i].name, NULL, NULL) != rows[i].number)
			fail_msg("%s: %d, not %d", rows[i].name, vdev_to_devid(rows[i].name, NULL, NULL),
				rows[i].number);
}

static const unsigned char head[] = {
	'L', 'i', 'b', 'x', 'l', 'F', 'm', 't', 0, 0, 0, 2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
};

/* What fn says of these bytes. */
static const char *verdict(const char *(*fn)(int fd), const void *bytes, size_t len)
{
	int p[2];
	const char *r;

	assert_int_equal(pipe(p), 0);
	assert_int_equal(write(p[1], bytes, len), len);
	close(p[1]);
	r = fn(p[0]);
	close(p[0]);
	return r;
}

static void test_stream_head(void **state)
{
	unsigned char bytes[64];
	int p[2];
	size_t i;

	assert_null(verdict(stream_get_head, head, sizeof(head)));
	for (i = 0; i < sizeof(head); i++)
		assert_non_null(verdict(stream_get_head, head, i));
	for (i = 0; i < sizeof(head); i++) {
		memcpy(bytes, head, sizeof(head));
		bytes[i] ^= 3;	/* every byte matters: in the options, both bits are refused */
		if (i >= 12 && i < 15)
			continue;	/* other options carry no meaning */
		assert_non_null(verdict(stream_get_head, bytes, sizeof(head)));
	}
	assert_int_equal(pipe(p), 0);
	assert_int_equal(stream_put_head(p[1]), 0);
	assert_int_equal(read(p[0], bytes, sizeof(bytes)), sizeof(head));
	assert_memory_equal(bytes, head, sizeof(head));
	assert_int_equal(stream_put_end(p[1]), 0);
	assert_null(stream_get_tail(p[0]));
	close(p[0]);
	close(p[1]);
}

static void test_stream_tail(void **state)
{
	static const unsigned char end[8];
	/* An emulator's record of 5 bytes, padded to 8, then one that may be skipped, then the end. */
	static const unsigned char more[] = {
		2, 0, 0, 0, 5, 0, 0, 0, 'x', 'x', 'x', 'x', 'x', 0, 0, 0,
		9, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	};
	static const unsigned char unknown[] = { 9, 0, 0, 0, 0, 0, 0, 0 };
	static const unsigned char huge[] = { 2, 0, 0, 0, 0xff, 0xff, 0xff, 0xff };
	size_t i;

	assert_null(verdict(stream_get_tail, end, sizeof(end)));
	assert_null(verdict(stream_get_tail, more, sizeof(more)));
	for (i = 0; i < sizeof(more); i++)
		assert_non_null(verdict(stream_get_tail, more, i));
	assert_non_null(verdict(stream_get_tail, unknown, sizeof(unknown)));
	assert_non_null(verdict(stream_get_tail, huge, sizeof(huge)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vdev), cmocka_unit_test(test_stream_head),
		cmocka_unit_test(test_stream_tail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
