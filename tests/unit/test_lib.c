// SPDX-License-Identifier: GPL-2.0-only
/* lib/: printing against the host's printf, strings, numbers in text, bitmaps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <hv/atomic.h>
#include <hv/lib.h>
#include <hv/symbols.h>

/* lib/ is compiled with its names prefixed (lib.sh); these are the host's. */
#undef snprintf
#undef vsnprintf
extern int host_snprintf(char *, size_t, const char *, ...) __asm__("snprintf");
int hv_snprintf(char *buf, size_t size, const char *fmt, ...);
void *hv_memmove(void *dst, const void *src, size_t n);
void *hv_memset(void *dst, int c, size_t n);
int hv_memcmp(const void *a, const void *b, size_t n);
void *hv_memchr(const void *s, int c, size_t n);
size_t hv_strlen(const char *s);
size_t hv_strnlen(const char *s, size_t max);
int hv_strcmp(const char *a, const char *b);
int hv_strncmp(const char *a, const char *b, size_t n);
char *hv_strchr(const char *s, int c);
char *hv_strstr(const char *hay, const char *needle);
size_t hv_strlcpy(char *dst, const char *src, size_t size);

const char *symbol_lookup(unsigned long addr, unsigned long *off, unsigned long *size)
{
	*off = addr & 0xff;
	*size = 0x100;
	return addr >> 8 == 0x1234 ? "some_function" : NULL;
}

#define SAME(...) do { \
	char a_[256], b_[256]; \
	int n_ = hv_snprintf(a_, sizeof(a_), __VA_ARGS__), m_ = host_snprintf(b_, sizeof(b_), __VA_ARGS__); \
	assert_string_equal(a_, b_); \
	assert_int_equal(n_, m_); \
} while (0)

static void printf_like_host(void **s)
{
	static const long v[] = { 0, 1, -1, 42, 0x7fffffff, -0x80000000L, 0x7fffffffffffffffL, -0x7fffffffffffffffL - 1 };

	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		SAME("[%ld] [%lu] [%lx] [%lX] [%lo]", v[i], v[i], v[i], v[i], v[i]);
		SAME("[%d] [%u] [%x] [%#x]", (int)v[i], (int)v[i], (int)v[i], (int)v[i]);
		SAME("[%hd] [%hhu] [%hhd]", (short)v[i], (unsigned char)v[i], (signed char)v[i]);
		SAME("[%5ld] [%-5ld] [%05ld] [%+ld] [% ld] [%+08ld]", v[i], v[i], v[i], v[i], v[i], v[i]);
		SAME("[%.3ld] [%8.3ld] [%-8.3ld] [%20lx] [%#018lx]", v[i], v[i], v[i], v[i], v[i]);
		SAME("[%*ld] [%*ld] [%.*ld]", 9, v[i], -9, v[i], 4, v[i]);
	}
	SAME("%s|%10s|%-10s|%.2s|%.*s|%c|%%", "text", "text", "text", "text", 3, "text", 'x');
	SAME("%zu %zd %llu %lld", (size_t)1 << 40, (ssize_t)-5, ~0ULL, -1LL);
	SAME("plain");
	SAME("%s", "");
}

static void printf_cuts(void **s)
{
	char b[8] = "#######";

	assert_int_equal(hv_snprintf(b, 4, "%s", "longer"), 6);
	assert_string_equal(b, "lon");
	assert_int_equal(b[4], '#');
	assert_int_equal(hv_snprintf(b, 0, "%d", 12345), 5);
	assert_int_equal(b[0], 'l');
	assert_int_equal(hv_snprintf(NULL, 0, "%d", 12345), 5);
	assert_int_equal(hv_snprintf(b, 1, "x"), 1);
	assert_int_equal(b[0], 0);
}

static void printf_own_kinds(void **s)
{
	char b[128];

	hv_snprintf(b, sizeof(b), "%p", (void *)0xffff808000001000UL);
	assert_string_equal(b, "ffff808000001000");
	hv_snprintf(b, sizeof(b), "<%pS>", (void *)0x123456UL);
	assert_string_equal(b, "<some_function+0x56/0x100>");
	hv_snprintf(b, sizeof(b), "<%pS>", (void *)0x99999999UL);
	assert_string_equal(b, "<0x99999999>");
	hv_snprintf(b, sizeof(b), "%s", (char *)NULL);
	assert_string_equal(b, "(null)");
	hv_snprintf(b, sizeof(b), "%q%", 1);
	assert_string_equal(b, "%q");
}

static void strings(void **s)
{
	char b[16] = "abcdefgh";

	assert_int_equal(hv_strlen("abc"), 3);
	assert_int_equal(hv_strnlen("abc", 2), 2);
	assert_true(hv_strcmp("a", "b") < 0 && hv_strcmp("b", "a") > 0 && !hv_strcmp("x", "x"));
	assert_true(hv_strcmp("a\xff", "a\x01") > 0);
	assert_true(!hv_strncmp("abc", "abd", 2) && hv_strncmp("abc", "abd", 3) < 0 && !hv_strncmp("a", "b", 0));
	assert_true(!hv_strncmp("ab", "ab", 100));
	assert_ptr_equal(hv_strchr(b, 'c'), b + 2);
	assert_null(hv_strchr(b, 'z'));
	assert_ptr_equal(hv_strchr(b, 0), b + 8);
	assert_ptr_equal(hv_strstr(b, "def"), b + 3);
	assert_ptr_equal(hv_strstr(b, ""), b);
	assert_null(hv_strstr(b, "fed"));
	assert_ptr_equal(hv_memchr(b, 'e', 8), b + 4);
	assert_null(hv_memchr(b, 'e', 4));
	assert_true(hv_memcmp("a\xff", "a\x01", 2) > 0);
	hv_memmove(b + 2, b, 6);
	assert_memory_equal(b, "ababcdef", 8);
	hv_memmove(b, b + 2, 6);
	assert_memory_equal(b, "abcdefef", 8);
	hv_memset(b, 'x', 3);
	assert_memory_equal(b, "xxxdefef", 8);
	assert_int_equal(hv_strlcpy(b, "123456789", 4), 9);
	assert_string_equal(b, "123");
	assert_int_equal(hv_strlcpy(b, "ab", 4), 2);
	assert_string_equal(b, "ab");
	assert_int_equal(hv_strlcpy(b, "zz", 0), 2);
	assert_string_equal(b, "ab");
}

static void numbers(void **s)
{
	const char *end;

	assert_int_equal(simple_strtoull("123x", &end, 10), 123);
	assert_int_equal(*end, 'x');
	assert_int_equal(simple_strtoull("0x1F", NULL, 0), 0x1f);
	assert_int_equal(simple_strtoull("017", NULL, 0), 15);
	assert_int_equal(simple_strtoull("0x", &end, 0), 0);
	assert_int_equal(*end, 'x');
	assert_int_equal(simple_strtoull("", &end, 0), 0);
	assert_int_equal(parse_size("512M", &end), 512ULL << 20);
	assert_int_equal(*end, 0);
	assert_int_equal(parse_size("2g,max:3G", &end), 2ULL << 30);
	assert_int_equal(*end, ',');
	assert_int_equal(parse_size("4096", NULL), 4096);
	assert_int_equal(parse_size("8k", NULL), 8192);
	assert_int_equal(parse_size("M", &end), 0);
	assert_int_equal(*end, 'M');
	assert_int_equal(parse_bool(""), 1);
	assert_int_equal(parse_bool("off"), 0);
	assert_int_equal(parse_bool("true"), 1);
	assert_int_equal(parse_bool("maybe"), -1);
}

static void bitmaps(void **s)
{
	unsigned long m[4] = { 0 };

	assert_int_equal(find_first_bit(m, 256), 256);
	assert_int_equal(find_next_zero_bit(m, 256, 3), 3);
	for (unsigned int bit = 0; bit < 256; bit++) {
		m[bit / 64] = 1UL << (bit % 64);
		assert_int_equal(find_first_bit(m, 256), bit);
		assert_int_equal(find_next_bit(m, 256, bit), bit);
		assert_int_equal(find_next_bit(m, 256, bit + 1), 256);
		assert_int_equal(find_first_bit(m, bit), bit);	/* just outside: none */
		assert_int_equal(bitmap_weight(m, 256), 1);
		assert_int_equal(bitmap_weight(m, bit), 0);
		m[bit / 64] = 0;
	}
	for (unsigned int i = 0; i < 4; i++)
		m[i] = ~0UL;
	assert_int_equal(find_next_zero_bit(m, 256, 0), 256);
	assert_int_equal(bitmap_weight(m, 200), 200);
	m[2] = ~(1UL << 5);
	assert_int_equal(find_next_zero_bit(m, 256, 7), 133);
	assert_int_equal(find_next_zero_bit(m, 133, 7), 133);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(printf_like_host), cmocka_unit_test(printf_cuts),
		cmocka_unit_test(printf_own_kinds), cmocka_unit_test(strings),
		cmocka_unit_test(numbers), cmocka_unit_test(bitmaps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
