// SPDX-License-Identifier: GPL-2.0-only
/* The configuration language: what it accepts, what it refuses, and where it says the fault is. */
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <libxlutil_walk.h>
#include <nearest.h>

static char *messages;
static size_t messages_size;
static FILE *report;

static XLU_Config *start(void)
{
	report = open_memstream(&messages, &messages_size);
	return xlu_cfg_init(report, "f");
}

static void stop(XLU_Config *cfg)
{
	xlu_cfg_destroy(cfg);
	fclose(report);
	free(messages);
}

static const char *said(void)
{
	fflush(report);
	return messages;
}

static int read_text(XLU_Config *cfg, const char *text)
{
	/* An exact copy: reading past the end is seen by the sanitizer. */
	size_t n = strlen(text);
	char *copy = malloc(n ? n : 1);
	int rc;

	memcpy(copy, text, n);
	rc = xlu_cfg_readdata(cfg, copy, (int)n);
	free(copy);
	return rc;
}

static void expect_text(const char *text, const char *key, const char *wanted)
{
	XLU_Config *cfg = start();
	const char *value = NULL;

	assert_int_equal(read_text(cfg, text), 0);
	assert_int_equal(xlu_cfg_get_string(cfg, key, &value, 0), 0);
	assert_string_equal(value, wanted);
	assert_string_equal(said(), "");
	stop(cfg);
}

static void test_values(void **state)
{
	expect_text("a='x'", "a", "x");
	expect_text("a=\"x\"\n", "a", "x");
	expect_text("\n\n a = 12 # c\n", "a", "12");
	expect_text("a=0x1F", "a", "0x1F");
	expect_text("a='1';b='2';", "b", "2");
	expect_text(";;;a='1'", "a", "1");
	expect_text("a='x' # c\r\nb='y'\n", "b", "y");
	expect_text("a.b.c='x'", "a.b.c", "x");
	expect_text("a='#;\"[],='", "a", "#;\"[],=");
	expect_text("a=\"\\t\\n\\\\\\\"\\'\\x41\\101\"", "a", "\t\n\\\"'AA");
	expect_text("a='1'\na='2'", "a", "2");
	expect_text("a+='1'\na+='2'", "a", "12");
	expect_text("a=1\na+=2", "a", "12");
}

static void test_lists(void **state)
{
	XLU_Config *cfg = start();
	XLU_ConfigList *list, *inner;
	XLU_ConfigValue *value;
	libxl_string_list strings = NULL;
	int n;

	assert_int_equal(read_text(cfg, "a=[\n 'x', # one\n\n 2 ,\n]\na+=['y']\nb=[]\nc=[['p','q'],'r',[[]]]\nd=['x',]"), 0);
	assert_int_equal(xlu_cfg_get_list(cfg, "a", &list, &n, 0), 0);
	assert_int_equal(n, 3);
	assert_string_equal(xlu_cfg_get_listitem(list, 0), "x");
	assert_string_equal(xlu_cfg_get_listitem(list, 1), "2");
	assert_string_equal(xlu_cfg_get_listitem(list, 2), "y");
	assert_null(xlu_cfg_get_listitem(list, 3));
	assert_null(xlu_cfg_get_listitem(list, -1));
	assert_int_equal(xlu_cfg_get_list(cfg, "b", NULL, &n, 0), 0);
	assert_int_equal(n, 0);
	assert_int_equal(xlu_cfg_get_list(cfg, "c", &list, &n, 0), 0);
	assert_null(xlu_cfg_get_listitem(list, 0));
	value = xlu_cfg_get_listitem2(list, 0);
	assert_int_equal(xlu_cfg_value_type(value), XLU_LIST);
	assert_int_equal(xlu_cfg_value_get_list(cfg, value, &inner, 0), 0);
	assert_string_equal(xlu_cfg_get_listitem(inner, 1), "q");
	assert_int_equal(xlu_cfg_get_list_as_string_list(cfg, "a", &strings, 0), 0);
	assert_string_equal(strings[2], "y");
	assert_null(strings[3]);
	libxl_string_list_dispose(&strings);
	assert_int_equal(xlu_cfg_get_list_as_string_list(cfg, "c", &strings, 1), EINVAL);
	stop(cfg);
}

static void expect_fault(const char *text, const char *message)
{
	XLU_Config *cfg = start();

	assert_int_equal(read_text(cfg, text), EINVAL);
	if (!strstr(said(), message))
		fail_msg("\"%s\": said \"%s\", not \"%s\"", text, said(), message);
	stop(cfg);
}

static void test_faults(void **state)
{
	expect_fault("a=foo", "f:1:3: a value in quotes, a number or a list should be here, not `foo'");
	expect_fault("\n  a = 'x", "f:2:7: this quote is not closed");
	expect_fault("a=['x',\n 'y'", "f:2:5: the file ends where a comma or the closing ] of the list should be");
	expect_fault("a=['x',,]", "f:1:8: a value should be here, not `,'");
	expect_fault("a='x' b='y'", "f:1:7: the end of the line or a ;");
	expect_fault("a", "f:1:2: the file ends where = or += should be");
	expect_fault("a\nb=1", "f:1:2: the line ends where = or += should be");
	expect_fault("= 1", "f:1:1: a key should be here");
	expect_fault("a=1024m", "f:1:7: a number ends in letters");
	expect_fault("a=1.5", "f:1:4: a number ends in letters");
	expect_fault("a=-1", "f:1:3: negative numbers must be quoted");
	expect_fault("x-y=1", "f:1:2: ");
	expect_fault("a='\\q'", "f:1:4: unknown escape");
	expect_fault("a='\\0'", "f:1:4: unknown escape");
	expect_fault("a='x'\na+=['y']", "f:2:4: `a' cannot grow by a list");
	expect_fault("a='x'\r\nb='y'\r\n", "f:1:6: a line ends as in DOS files");
	expect_fault("a={}", "f:1:3: this character means nothing here");
	expect_fault("def f():\n", "f:1:5: = or += should be here, not `f'");
	/* several in one go */
	expect_fault("a=\nb=1\nc=?\n", "f:1:3: the line ends where a value should be\nf:3:3: ");
	expect_fault("a=[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "nested deeper than 32");
}

static void test_zero_byte(void **state)
{
	XLU_Config *cfg = start();

	assert_int_equal(xlu_cfg_readdata(cfg, "a='x\0y'", 8), EINVAL);
	assert_non_null(strstr(said(), "zero byte"));
	stop(cfg);
}

static void test_numbers(void **state)
{
	XLU_Config *cfg = start();
	libxl_defbool b;
	long n = 0;

	assert_int_equal(read_text(cfg, "a=5\nb='0x10'\nc='12x'\nd=''\ne=['1']\nf='-3'\ng='99999999999999999999'\nh='010'"), 0);
	assert_int_equal(xlu_cfg_get_long(cfg, "a", &n, 0), 0);
	assert_int_equal(n, 5);
	assert_int_equal(xlu_cfg_get_long(cfg, "b", &n, 0), 0);
	assert_int_equal(n, 16);
	assert_int_equal(xlu_cfg_get_long(cfg, "h", &n, 0), 0);
	assert_int_equal(n, 8);
	assert_int_equal(xlu_cfg_get_long(cfg, "f", &n, 0), 0);
	assert_int_equal(n, -3);
	assert_int_equal(xlu_cfg_get_long(cfg, "c", &n, 0), EINVAL);
	assert_int_equal(xlu_cfg_get_long(cfg, "d", &n, 0), EINVAL);
	assert_int_equal(xlu_cfg_get_long(cfg, "e", &n, 0), EINVAL);
	assert_int_equal(xlu_cfg_get_long(cfg, "g", &n, 0), ERANGE);
	assert_int_equal(xlu_cfg_get_long(cfg, "z", &n, 0), ESRCH);
	assert_int_equal(xlu_cfg_get_bounded_long(cfg, "a", 6, 9, &n, 0), ERANGE);
	assert_int_equal(xlu_cfg_get_bounded_long(cfg, "a", 5, 5, &n, 0), 0);
	assert_non_null(strstr(said(), "f:3:3: `c' must be a number, not \"12x\""));
	assert_non_null(strstr(said(), "f:1:3: `a' is 5, which is not in the range 6 to 9"));
	assert_int_equal(xlu_cfg_get_defbool(cfg, "a", &b, 0), 0);
	assert_true(libxl_defbool_val(b));
	stop(cfg);
}

static void test_replace(void **state)
{
	XLU_Config *cfg = start();
	char *value = strdup("old");

	assert_int_equal(read_text(cfg, "a='new'\nb=[]"), 0);
	assert_int_equal(xlu_cfg_replace_string(cfg, "z", &value, 0), ESRCH);
	assert_string_equal(value, "old");
	assert_int_equal(xlu_cfg_replace_string(cfg, "b", &value, 1), EINVAL);
	assert_string_equal(value, "old");
	assert_int_equal(xlu_cfg_replace_string(cfg, "a", &value, 0), 0);
	assert_string_equal(value, "new");
	free(value);
	stop(cfg);
}

static void test_places(void **state)
{
	XLU_Config *cfg = start();
	XLU_ConfigValue *value;
	struct xlu_place place;
	const char *name;

	assert_int_equal(read_text(cfg, "first=1\n  second =\t[ 'x' ]\n"), 0);
	assert_int_equal(xlu_cfg_set_report_name(cfg, "command line"), 0);
	assert_int_equal(read_text(cfg, "first=2"), 0);
	assert_true(xlu_cfg_setting(cfg, 0, &name, NULL, &place));
	assert_string_equal(name, "first");
	assert_string_equal(place.file, "command line");
	assert_true(xlu_cfg_setting(cfg, 1, &name, &value, &place));
	assert_string_equal(place.file, "f");
	assert_int_equal(place.line, 2);
	assert_int_equal(place.column, 3);
	xlu_cfg_value_place(value, &place);
	assert_int_equal(place.column, 12);
	assert_false(xlu_cfg_setting(cfg, 2, &name, NULL, NULL));
	stop(cfg);
}

static void test_files(void **state)
{
	XLU_Config *cfg = start();

	assert_int_equal(xlu_cfg_readfile(cfg, "/nonexistent/x"), ENOENT);
	assert_int_equal(xlu_cfg_readfile(cfg, "/"), EISDIR);
	assert_non_null(strstr(said(), "f: cannot open the file"));
	stop(cfg);
}

static void test_nearest(void **state)
{
	static const char *const words[] = { "memory", "maxmem", "vcpus", "cpus", "kernel", "on_crash", "vif" };
	const size_t n = sizeof(words) / sizeof(words[0]);

	assert_int_equal(xlu_distance("kitten", "sitting", 9), 3);
	assert_int_equal(xlu_distance("ab", "ba", 9), 1);
	assert_int_equal(xlu_distance("", "abc", 9), 3);
	assert_int_equal(xlu_distance("abc", "xyz", 1), 2);
	assert_string_equal(xlu_nearest("memroy", words, n, sizeof(words[0])), "memory");
	assert_string_equal(xlu_nearest("vcpu", words, n, sizeof(words[0])), "vcpus");
	assert_string_equal(xlu_nearest("kernle", words, n, sizeof(words[0])), "kernel");
	assert_string_equal(xlu_nearest("on_chrash", words, n, sizeof(words[0])), "on_crash");
	assert_string_equal(xlu_nearest("vfi", words, n, sizeof(words[0])), "vif");
	assert_null(xlu_nearest("something", words, n, sizeof(words[0])));
	assert_null(xlu_nearest("zz", words, n, sizeof(words[0])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),	cmocka_unit_test(test_lists),	 cmocka_unit_test(test_faults),
		cmocka_unit_test(test_zero_byte), cmocka_unit_test(test_numbers), cmocka_unit_test(test_replace),
		cmocka_unit_test(test_places),	cmocka_unit_test(test_files),	 cmocka_unit_test(test_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
