/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Formatted printing: d i u o x X c s p % with flags, width, precision and length modifiers.  As an
 * extension %pS prints a code address as symbol+offset/size.
 */
#include <hv/lib.h>
#include <hv/symbols.h>

#define FLAG_LEFT	(1U << 0)
#define FLAG_ZERO	(1U << 1)
#define FLAG_PLUS	(1U << 2)
#define FLAG_SPACE	(1U << 3)
#define FLAG_ALT	(1U << 4)
#define FLAG_UPPER	(1U << 5)
#define FLAG_SIGNED	(1U << 6)

struct out { char *buf; size_t size, len; };
struct spec { unsigned int flags; int width, prec; };

static void put(struct out *o, char c)
{
	if (o->len + 1 < o->size)
		o->buf[o->len] = c;
	o->len++;
}

static void pad(struct out *o, char c, int n)
{
	for (; n > 0; n--)
		put(o, c);
}

static void put_str(struct out *o, const struct spec *sp, const char *s, size_t n)
{
	int fill = sp->width - (int)n;

	if (!(sp->flags & FLAG_LEFT))
		pad(o, ' ', fill);
	for (size_t i = 0; i < n; i++)
		put(o, s[i]);
	if (sp->flags & FLAG_LEFT)
		pad(o, ' ', fill);
}

static void put_num(struct out *o, const struct spec *sp, unsigned long long v, unsigned int base)
{
	const char *digits = sp->flags & FLAG_UPPER ? "0123456789ABCDEF" : "0123456789abcdef";
	char tmp[24], sign = 0;
	int n = 0, zeroes, prefix;

	if (sp->flags & FLAG_SIGNED) {
		if ((long long)v < 0) {
			sign = '-';
			v = -v;
		} else if (sp->flags & FLAG_PLUS) {
			sign = '+';
		} else if (sp->flags & FLAG_SPACE) {
			sign = ' ';
		}
	}
	prefix = sp->flags & FLAG_ALT && base == 16 && v ? 2 : 0;
	do {
		tmp[n++] = digits[v % base];
		v /= base;
	} while (v);

	zeroes = sp->prec - n;
	if (sp->prec < 0 && sp->flags & FLAG_ZERO && !(sp->flags & FLAG_LEFT))
		zeroes = sp->width - n - (sign != 0) - prefix;
	if (zeroes < 0)
		zeroes = 0;
	if (!(sp->flags & FLAG_LEFT))
		pad(o, ' ', sp->width - n - zeroes - (sign != 0) - prefix);
	if (sign)
		put(o, sign);
	if (prefix) {
		put(o, '0');
		put(o, sp->flags & FLAG_UPPER ? 'X' : 'x');
	}
	pad(o, '0', zeroes);
	for (int i = n; i--; )
		put(o, tmp[i]);
	if (sp->flags & FLAG_LEFT)
		pad(o, ' ', sp->width - n - zeroes - (sign != 0) - prefix);
}

static void put_symbol(struct out *o, const struct spec *sp, unsigned long addr)
{
	const struct spec plain = { .flags = FLAG_ALT, .prec = -1 };
	unsigned long off, size;
	const char *name = symbol_lookup(addr, &off, &size);

	if (!name) {
		put_num(o, &plain, addr, 16);
		return;
	}
	put_str(o, sp, name, strlen(name));
	put(o, '+');
	put_num(o, &plain, off, 16);
	put(o, '/');
	put_num(o, &plain, size, 16);
}

static const char *parse_flags(const char *f, struct spec *sp)
{
	for (;; f++) {
		switch (*f) {
		case '-': sp->flags |= FLAG_LEFT; break;
		case '0': sp->flags |= FLAG_ZERO; break;
		case '+': sp->flags |= FLAG_PLUS; break;
		case ' ': sp->flags |= FLAG_SPACE; break;
		case '#': sp->flags |= FLAG_ALT; break;
		default: return f;
		}
	}
}

static const char *parse_int(const char *f, int *v)
{
	for (*v = 0; *f >= '0' && *f <= '9'; f++)
		if (*v < 10000)
			*v = *v * 10 + (*f - '0');
	return f;
}

static unsigned long long narrow(unsigned long long v, int length, bool is_signed)
{
	switch (length) {
	case -2: return is_signed ? (unsigned long long)(signed char)v : (u8)v;
	case -1: return is_signed ? (unsigned long long)(s16)v : (u16)v;
	case 0: return is_signed ? (unsigned long long)(s32)v : (u32)v;
	default: return v;
	}
}

/* Reason for its length: one conversion per case, all sharing the argument list that cannot be passed on. */
int vsnprintf(char *buf, size_t size, const char *fmt, __builtin_va_list ap)
{
	struct out o = { buf, size, 0 };

	for (; *fmt; fmt++) {
		struct spec sp = { 0, 0, -1 };
		unsigned long long v;
		int length = 0;
		const char *s;

		if (*fmt != '%') {
			put(&o, *fmt);
			continue;
		}
		fmt = parse_flags(fmt + 1, &sp);
		if (*fmt == '*') {
			sp.width = __builtin_va_arg(ap, int);
			if (sp.width < 0) {
				sp.flags |= FLAG_LEFT;
				sp.width = -sp.width;
			}
			fmt++;
		} else {
			fmt = parse_int(fmt, &sp.width);
		}
		if (*fmt == '.') {
			if (*++fmt == '*') {
				sp.prec = __builtin_va_arg(ap, int);
				fmt++;
			} else {
				fmt = parse_int(fmt, &sp.prec);
			}
		}
		for (;; fmt++) {
			if (*fmt == 'l' || *fmt == 'z' || *fmt == 't' || *fmt == 'j')
				length++;
			else if (*fmt == 'h')
				length--;
			else
				break;
		}
		switch (*fmt) {
		case 'd': case 'i':
			v = length > 0 ? (unsigned long long)__builtin_va_arg(ap, long)
				       : (unsigned long long)__builtin_va_arg(ap, int);
			sp.flags |= FLAG_SIGNED;
			put_num(&o, &sp, narrow(v, length, true), 10);
			break;
		case 'u': case 'x': case 'X': case 'o':
			v = length > 0 ? __builtin_va_arg(ap, unsigned long) : __builtin_va_arg(ap, unsigned int);
			if (*fmt == 'X')
				sp.flags |= FLAG_UPPER;
			put_num(&o, &sp, narrow(v, length, false), *fmt == 'u' ? 10 : *fmt == 'o' ? 8 : 16);
			break;
		case 'p':
			v = (unsigned long)__builtin_va_arg(ap, void *);
			if (fmt[1] == 'S') {
				fmt++;
				put_symbol(&o, &sp, v);
				break;
			}
			sp.prec = 16;
			put_num(&o, &sp, v, 16);
			break;
		case 'c':
			put(&o, (char)__builtin_va_arg(ap, int));
			break;
		case 's':
			s = __builtin_va_arg(ap, const char *);
			if (!s)
				s = "(null)";
			put_str(&o, &sp, s, sp.prec < 0 ? strlen(s) : strnlen(s, (size_t)sp.prec));
			break;
		case '%':
			put(&o, '%');
			break;
		case 0:
			fmt--;
			break;
		default:
			put(&o, '%');
			put(&o, *fmt);
			break;
		}
	}
	if (size)
		buf[o.len < size ? o.len : size - 1] = 0;
	return (int)o.len;
}

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
	__builtin_va_list ap;
	int n;

	__builtin_va_start(ap, fmt);
	n = vsnprintf(buf, size, fmt, ap);
	__builtin_va_end(ap);
	return n;
}
