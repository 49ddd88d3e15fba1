// SPDX-License-Identifier: GPL-2.0-only
/* crashkernel=: memory that nobody uses until a crash kernel is loaded into it. */
#include <hv/bootmem.h>
#include <hv/kexec.h>
#include <hv/lib.h>

#define MIB BIT64(20)
#define AREA_ALIGN (2 * MIB)		/* a kernel wants it, and it makes the area's page tables small */
#define DMA32_END BIT64(32)		/* a crash kernel's devices may reach no further */

struct memory_range crash_area read_mostly;
static struct crashkernel wanted init_data;

static init_fn bool size_at(const char **p, u64 *v)
{
	const char *end;

	*v = parse_size(*p, &end);
	if (end == *p || *v >= BIT64(PADDR_BITS))
		return false;
	*p = end;
	return true;
}

static init_fn bool skip(const char **p, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(*p, word, n))
		return false;
	*p += n;
	return true;
}

/* FROM-[TO]:SIZE */
static init_fn bool range_at(const char **p, struct crashkernel *c)
{
	u64 from, to = ~0ULL, size;

	if (c->nr == CRASHKERNEL_RANGES || !size_at(p, &from) || !skip(p, "-") || (**p != ':' && !size_at(p, &to)) ||
	    !skip(p, ":") || !size_at(p, &size) || to <= from)
		return false;
	c->range[c->nr].from = from;
	c->range[c->nr].to = to;
	c->range[c->nr++].size = size;
	return true;
}

static init_fn bool place_at(const char **p, struct crashkernel *c)
{
	if (!**p)
		return true;
	c->fixed = skip(p, "@");
	if (!c->fixed && !skip(p, "<") && !skip(p, ",below=") && !skip(p, "below="))
		return false;
	/* At 0 is nowhere: the first MiB is the firmware's. */
	return size_at(p, &c->at) && c->at;
}

init_fn bool crashkernel_parse(const char *text, struct crashkernel *out)
{
	bool ranges = strchr(text, ':');

	*out = (struct crashkernel){ 0 };
	if (ranges) {
		do {
			if (!range_at(&text, out))
				return false;
		} while (strncmp(text, ",below=", 7) && skip(&text, ","));
	} else {
		out->nr = 1;
		out->range[0].to = ~0ULL;
		if (!size_at(&text, &out->range[0].size))
			return false;
	}
	return place_at(&text, out) && !*text;
}

init_fn u64 crashkernel_size(const struct crashkernel *c, u64 ram)
{
	for (u32 i = 0; i < c->nr; i++)
		if (ram >= c->range[i].from && ram < c->range[i].to)
			return ROUND_UP(c->range[i].size, PAGE_SIZE);
	return 0;
}

static init_fn int opt_crashkernel(const char *v)
{
	if (crashkernel_parse(v, &wanted))
		return 0;
	wanted.nr = 0;
	return -EINVAL;
}
CMDLINE_PARAM("crashkernel", opt_crashkernel);

/* 0: there is no such place. */
static init_fn paddr_t take(const struct crashkernel *c, u64 size)
{
	paddr_t start;

	if (c->fixed)
		return boot_try_reserve(c->at, c->at + size) ? c->at : 0;
	if (c->at)
		return boot_try_alloc_below(size, AREA_ALIGN, c->at);
	start = boot_try_alloc_below(size, AREA_ALIGN, DMA32_END);
	return start ? start : boot_try_alloc_below(size, AREA_ALIGN, BIT64(PADDR_BITS));
}

init_fn void crash_area_reserve(const struct e820_map *map)
{
	u64 ram = 0, size;
	paddr_t start;

	for (u32 i = 0; i < map->nr; i++)
		ram += map->e[i].type == E820_RAM ? map->e[i].size : 0;
	size = crashkernel_size(&wanted, ram);
	if (!size) {
		if (wanted.nr)
			printk(LOG_WARN "crashkernel= asks for no memory on a machine with %lu MiB\n",
			       (unsigned long)(ram / MIB));
		return;
	}
	start = take(&wanted, size);
	if (!start) {
		printk(LOG_ERR "crashkernel=: no %lu MiB of free memory %s %#lx: no crash kernel can be loaded\n",
		       (unsigned long)(size / MIB), wanted.fixed ? "at" : "below",
		       (unsigned long)(wanted.at ? wanted.at : BIT64(PADDR_BITS)));
		return;
	}
	crash_area = (struct memory_range){ start, size };
	printk("Crash kernel: %lu MiB kept at %#lx\n", (unsigned long)(size / MIB), (unsigned long)start);
}
