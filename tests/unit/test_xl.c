// SPDX-License-Identifier: GPL-2.0-only
/* Pieces of xl that need no hypervisor: sets of CPUs, sizes, heads of save files, JSON, interfaces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmd.h"
#include "config.h"
#include "cpuset.h"
#include "json.h"
#include "savefile.h"

static char parts[256];

static const char *note_part(void *arg, const struct cpuset_part *part)
{
	size_t n = strlen(parts);

	snprintf(parts + n, sizeof(parts) - n, "%s%s%s%s%lu-%lu", n ? " " : "", part->negated ? "^" : "",
		 part->nodes ? "n" : "", part->all ? "all" : "", part->first, part->last);
	return NULL;
}

static void expect_parts(const char *text, const char *wanted)
{
	const char *why;

	parts[0] = 0;
	why = cpuset_scan(text, note_part, NULL);
	assert_null(why);
	assert_string_equal(parts, wanted);
}

static void expect_wrong(const char *text, const char *wanted)
{
	const char *why = cpuset_scan(text, note_part, NULL);

	assert_non_null(why);
	assert_non_null(strstr(why, wanted));
}

static void test_cpuset(void **state)
{
	expect_parts("0", "0-0");
	expect_parts("0-3,^1", "0-3 ^1-1");
	expect_parts("all,^5-8", "all0-0 ^5-8");
	expect_parts("nodes:0-3,^node:2", "n0-3 ^n2-2");
	expect_parts("node:^1", "^n1-1");
	expect_parts(" 0 , 2 ", "0-0 2-2");
	expect_wrong("", "should be here");
	expect_wrong("a", "should be here");
	expect_wrong("1,", "should be here");
	expect_wrong("1;2", "commas");
	expect_wrong("3-1", "backwards");
	expect_wrong("3-", "no end");
	expect_wrong("99999999999", "should be here");
}

static void test_memory(void **state)
{
	assert_int_equal(parse_memory("512"), 512 << 10);
	assert_int_equal(parse_memory("512m"), 512 << 10);
	assert_int_equal(parse_memory("1g"), 1 << 20);
	assert_int_equal(parse_memory("1G"), 1 << 20);
	assert_int_equal(parse_memory("2t"), 2ll << 30);
	assert_int_equal(parse_memory("64k"), 64);
	assert_int_equal(parse_memory("4096b"), 4);
	assert_int_equal(parse_memory("x"), -1);
	assert_int_equal(parse_memory(""), -1);
	assert_int_equal(parse_memory("1mb"), -1);
	assert_int_equal(parse_memory("-1"), -1);
	assert_int_equal(parse_memory("99999999999999g"), -1);
}

static void test_savefile(void **state)
{
	struct savefile_header good = { .byte_order = 0x01020304, .mandatory = 3, .length = 1018 }, h;

	memcpy(good.magic, "Xen saved domain, xl format\n \0 \r", 32);
	assert_null(savefile_check(&good));
	h = good;
	h.magic[5] = 'x';
	assert_non_null(strstr(savefile_check(&h), "magic"));
	h = good;
	h.byte_order = 0x04030201;
	assert_non_null(strstr(savefile_check(&h), "byte order"));
	h = good;
	h.mandatory = 7;
	assert_non_null(strstr(savefile_check(&h), "features"));
	h = good;
	h.mandatory = 1;
	assert_non_null(strstr(savefile_check(&h), "convert"));
	h = good;
	h.optional = ~0u;
	assert_null(savefile_check(&h));
	h = good;
	h.length = 0xffffffff;
	assert_non_null(strstr(savefile_check(&h), "damaged"));
}

static void test_json(void **state)
{
	FILE *terminal = stdout;
	char *text;
	size_t size;

	stdout = open_memstream(&text, &size);
	json_nested("{\n    \"a\": {\n\n    }\n}\n");
	json_array(NULL);
	/* A bad first byte, a character cut short, too long a form, a surrogate, too high; and good ones of each length. */
	json_text(NULL, "a\"\\\n\x01 \xff \xc3 \xc0\x80 \xed\xa0\x80 \xf5\x80\x80\x80");
	json_text(NULL, "\x7f \xc2\x80 \xe0\xa0\x80 \xf0\x90\x80\x80");
	json_object(NULL);
	json_text("none", NULL);
	json_number("most", UINT64_MAX);
	json_seconds("seconds", 1002999999);
	json_flag("flag", true);
	json_object_end();
	json_array_end();
	fclose(stdout);
	stdout = terminal;
	assert_string_equal(text, "{\n            \"a\": {\n\n            }\n        }[\n"
		"    \"a\\\"\\\\\\n\\u0001 \xef\xbf\xbd \xef\xbf\xbd \xef\xbf\xbd\xef\xbf\xbd "
		"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\",\n"
		"    \"\x7f \xc2\x80 \xe0\xa0\x80 \xf0\x90\x80\x80\",\n"
		"    {\n        \"none\": null,\n        \"most\": 18446744073709551615,\n"
		"        \"seconds\": 1.002,\n        \"flag\": true\n    }\n]\n");
	free(text);
}

static void test_kinds(void **state)
{
	xl_libxl_error(ERROR_GUEST_TIMEDOUT, "of a test");
	assert_int_equal(xl_exit_code(1), 1);
	options.exact_codes = true;
	assert_int_equal(xl_exit_code(1), XL_KIND_GUEST);
	assert_int_equal(xl_exit_code(3), XL_KIND_GUEST);
	assert_int_equal(xl_exit_code(0), 0);
	assert_int_equal(xl_exit_code(2), 2);
	/* The first failure is the reason of the others. */
	xl_fail(XL_KIND_NO_MEMORY, "of a test");
	assert_int_equal(xl_exit_code(1), XL_KIND_GUEST);
	options.exact_codes = false;
	xl_fail(XL_KIND_TIMEOUT, "of a test");
	assert_int_equal(xl_exit_code(1), 124);
}

static void expect_nic(const char *text, const char *wanted)
{
	libxl_device_nic nic;
	char *why;

	libxl_device_nic_init(&nic);
	why = nic_parse(text, &nic, NULL);
	if (wanted) {
		assert_non_null(why);
		assert_non_null(strstr(why, wanted));
	} else {
		assert_null(why);
	}
	free(why);
	libxl_device_nic_dispose(&nic);
}

static void test_nic(void **state)
{
	expect_nic("", NULL);
	expect_nic(" , ,", NULL);
	expect_nic("mac=00:16:3e:00:00:01, bridge = br0 ,trusted", NULL);
	expect_nic("mac=00:16:3e:00:00", "must be an address");
	expect_nic("mac=00:16:3e:00:00:01:02", "must be an address");
	expect_nic("mac=00:16:3e:00:00:1g", "must be an address");
	expect_nic("bridge", "needs a value");
	expect_nic("trusted=1", "takes no value");
	expect_nic("mtu=5", "must be a number");
	expect_nic("type=foo", "vif or ioemu");
	expect_nic("vifnme=x", "did you mean `vifname'");
	expect_nic("rate=fast", "must be a rate");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cpuset), cmocka_unit_test(test_memory), cmocka_unit_test(test_savefile),
		cmocka_unit_test(test_kinds), cmocka_unit_test(test_json),   cmocka_unit_test(test_nic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
