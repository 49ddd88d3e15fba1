// SPDX-License-Identifier: GPL-2.0-only
/* dom0_mem=: how much memory Domain 0 gets. Pure. */
#include <hv/lib.h>
#include <pv/dom0.h>

#define MIB_PAGES 256ULL

/* "512M", "-1G", "50%", "25%+256M"; a plain number is KiB. Ends at ',' or the end of the text. */
static int parse_one(struct dom0_size *z, const char *s, const char **end)
{
	bool minus;
	unsigned long long v;
	const char *p;

	*z = (struct dom0_size){ .given = true };
	v = simple_strtoull(s, &p, 10);
	if (p != s && *p == '%') {
		if (v > 100)
			return -EINVAL;
		z->percent = (u32)v;
		s = p + 1;
		*end = s;
		if (*s != '+' && *s != '-')
			return 0;
	}
	minus = *s == '-';
	if (*s == '-' || *s == '+')
		s++;
	if (*s < '0' || *s > '9')
		return -EINVAL;
	v = parse_size(s, &p);
	if (p > s && p[-1] >= '0' && p[-1] <= '9' && !(s[0] == '0' && (s[1] | 32) == 'x'))
		v <<= 10;
	if (v >> 56)
		return -EINVAL;
	z->has_bytes = true;
	z->bytes = minus ? -(s64)v : (s64)v;
	*end = p;
	return 0;
}

int dom0_mem_parse(struct dom0_mem *m, const char *s)
{
	do {
		struct dom0_size *z = &m->nr;
		int rc;

		if (!strncmp(s, "min:", 4)) {
			z = &m->min;
			s += 4;
		} else if (!strncmp(s, "max:", 4)) {
			z = &m->max;
			s += 4;
		}
		rc = parse_one(z, s, &s);
		if (rc)
			return rc;
	} while (*s == ',' && *++s);
	return *s ? -EINVAL : 0;
}

/* Pages that one size means when @avail are there; never more than all. */
static u64 size_pages(const struct dom0_size *z, u64 avail)
{
	s64 n = (s64)(avail / 100 * z->percent + avail % 100 * z->percent / 100);
	s64 more = z->bytes / (s64)PAGE_SIZE;

	/* A lone negative size counts from all of memory. */
	if (z->has_bytes && z->bytes < 0 && !z->percent)
		n = (s64)avail;
	n += z->has_bytes ? more : 0;
	return n < 0 ? 0 : (u64)n;
}

void dom0_mem_pages(const struct dom0_mem *m, u64 avail, u64 *nr, u64 *max_pages)
{
	u64 n = m->nr.given ? size_pages(&m->nr, avail) : avail - min(avail / 16, 128 * MIB_PAGES);
	u64 lo = m->min.given ? size_pages(&m->min, avail) : 0;
	u64 hi = m->max.given ? size_pages(&m->max, avail) : max(avail, DOM0_NO_LIMIT);

	lo = min(lo, avail);
	n = max(n, lo);
	n = min(n, hi);
	*nr = min(n, avail);
	*max_pages = max(hi, *nr);
}
