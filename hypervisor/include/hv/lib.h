/* SPDX-License-Identifier: GPL-2.0-only */
/* Printing, assertions, strings, and other services with no state of their own (lib/, core/console.c). */
#ifndef HV_LIB_H
#define HV_LIB_H

#include <hv/compiler.h>
#include <hv/types.h>
#include <public/errno.h>

/*
 * Errors are the public ABI's numbers (public/errno.h, XEN_Exxx), negative when returned.
 * Short names for use inside the hypervisor.
 */
#define HV_ERRNO(x) E##x = XEN_E##x
enum hv_errno {
	HV_ERRNO(PERM), HV_ERRNO(NOENT), HV_ERRNO(SRCH), HV_ERRNO(INTR), HV_ERRNO(IO), HV_ERRNO(NXIO),
	HV_ERRNO(2BIG), HV_ERRNO(NOEXEC), HV_ERRNO(BADF), HV_ERRNO(CHILD), HV_ERRNO(AGAIN), HV_ERRNO(NOMEM),
	HV_ERRNO(ACCES), HV_ERRNO(FAULT), HV_ERRNO(BUSY), HV_ERRNO(EXIST), HV_ERRNO(XDEV), HV_ERRNO(NODEV),
	HV_ERRNO(NOTDIR), HV_ERRNO(ISDIR), HV_ERRNO(INVAL), HV_ERRNO(NFILE), HV_ERRNO(MFILE), HV_ERRNO(NOSPC),
	HV_ERRNO(ROFS), HV_ERRNO(DOM), HV_ERRNO(RANGE), HV_ERRNO(DEADLK), HV_ERRNO(NAMETOOLONG), HV_ERRNO(NOLCK),
	HV_ERRNO(NOSYS), HV_ERRNO(NOTEMPTY), HV_ERRNO(NODATA), HV_ERRNO(BADMSG), HV_ERRNO(OVERFLOW),
	HV_ERRNO(ILSEQ), HV_ERRNO(RESTART), HV_ERRNO(NOTSOCK), HV_ERRNO(MSGSIZE), HV_ERRNO(OPNOTSUPP),
	HV_ERRNO(ADDRINUSE), HV_ERRNO(ADDRNOTAVAIL), HV_ERRNO(NOBUFS), HV_ERRNO(ISCONN), HV_ERRNO(NOTCONN),
	HV_ERRNO(TIMEDOUT), HV_ERRNO(CONNREFUSED),
};

/*
 * Log levels as the original's loglvl= has them.  LOG_G* are lines caused by a guest: rate limited,
 * and shown by guest_loglvl=.
 */
#define LOG_ERR "\001E"
#define LOG_WARN "\001W"
#define LOG_INFO "\001I"
#define LOG_DEBUG "\001D"
#define LOG_G_ERR "\001e"
#define LOG_G_WARN "\001w"
#define LOG_G_INFO "\001i"
#define LOG_G_DEBUG "\001d"

void printk(const char *fmt, ...) printf_like(1, 2);
int vsnprintf(char *buf, size_t size, const char *fmt, __builtin_va_list ap);
int snprintf(char *buf, size_t size, const char *fmt, ...) printf_like(3, 4);

noreturn_fn void panic(const char *fmt, ...) printf_like(1, 2);
extern void (*panic_show_vcpu)(void);
struct cpu_user_regs;
/* The same, with the registers of the place where it went wrong. */
noreturn_fn void panic_at(const struct cpu_user_regs *regs, const char *fmt, ...) printf_like(2, 3);
noreturn_fn void bug(const char *file, int line, const char *what);

/* BUG_ON and ASSERT are never for guest or operator input.  ASSERT_CHEAP stays in release builds. */
#define BUG() bug(__FILE__, __LINE__, "BUG")
#define BUG_ON(c) do { if (unlikely(c)) bug(__FILE__, __LINE__, #c); } while (0)
#define ASSERT_CHEAP(c) BUG_ON(!(c))
#define ASSERT(c) do { if (IS_ENABLED(HV_DEBUG) && unlikely(!(c))) bug(__FILE__, __LINE__, "!(" #c ")"); } while (0)
#define ASSERT_UNREACHABLE() ASSERT(false)

void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
#ifndef HV_HOST_TEST
#ifndef HV_HOST_TEST
/* Small constant sizes become a few moves. */
#define memcpy(d, s, n) __builtin_memcpy(d, s, n)
#define memmove(d, s, n) __builtin_memmove(d, s, n)
#define memset(d, c, n) __builtin_memset(d, c, n)
#define memcmp(a, b, n) __builtin_memcmp(a, b, n)
#endif
#endif
void *memchr(const void *s, int c, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
char *strstr(const char *hay, const char *needle);
size_t strlcpy(char *dst, const char *src, size_t size);
unsigned long long simple_strtoull(const char *s, const char **end, unsigned int base);
/* Parses "512M", "1G", "0x100", with an optional unit (default unit: bytes). */
unsigned long long parse_size(const char *s, const char **end);

void clear_page(void *page);
void copy_page(void *dst, const void *src);

/* Find-first helpers over bitmaps of @size bits; return @size when none. */
unsigned int find_first_bit(const unsigned long *map, unsigned int size);
unsigned int find_next_bit(const unsigned long *map, unsigned int size, unsigned int from);
unsigned int find_next_zero_bit(const unsigned long *map, unsigned int size, unsigned int from);
unsigned int bitmap_weight(const unsigned long *map, unsigned int size);

static inline unsigned int fls64(u64 v) { return v ? 64 - (unsigned int)__builtin_clzll(v) : 0; }
static inline unsigned int ffs64(u64 v) { return (unsigned int)__builtin_ffsll((long long)v); }
/* Smallest order with (1 << order) pages >= bytes. */
static inline unsigned int order_from_bytes(size_t bytes)
{
	return bytes <= PAGE_SIZE ? 0 : fls64((bytes - 1) >> PAGE_SHIFT);
}

/*
 * Boot command line (core/cmdline.c): one row per option, gathered by the linker script in .init.params.
 * handler gets the text behind '=' ("" without one; "no-" prefix arrives as "no").  Returns 0 or -EINVAL.
 */
struct cmdline_param { const char *name; int (*handler)(const char *val); };
#define CMDLINE_PARAM(nm, fn) \
	static const struct cmdline_param param_##fn section_of(".init.params") \
	__attribute__((used, aligned(8))) = { nm, fn }
int parse_bool(const char *val);	/* 1, 0, or -1 if it is neither */

#endif
