/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory maps as firmware gives them: unsorted, overlapping, with empty and absurd ranges. Pure. */
#include <hv/boot.h>
#include <hv/lib.h>

/* Of two claims on one address the more restrictive one holds. */
static unsigned int strictness(u32 type)
{
	switch (type) {
	case E820_RAM: return 1;
	case E820_ACPI: return 2;
	case E820_NVS: return 3;
	case E820_RESERVED: return 4;
	case E820_UNUSABLE: return 6;
	default: return 5;	/* persistent memory and what firmware invents: none of our RAM */
	}
}

static void sort_bounds(paddr_t *b, unsigned int n)
{
	for (unsigned int i = 1; i < n; i++) {
		paddr_t v = b[i];
		unsigned int j = i;

		for (; j && b[j - 1] > v; j--)
			b[j] = b[j - 1];
		b[j] = v;
	}
}

static u32 type_at(const struct e820_map *m, paddr_t at)
{
	u32 type = 0;

	for (u32 i = 0; i < m->nr; i++) {
		const struct e820_entry *e = &m->e[i];

		if (at >= e->addr && at < e->addr + e->size && (!type || strictness(e->type) > strictness(type)))
			type = e->type;
	}
	return type;
}

init_fn bool e820_sanitise(struct e820_map *map)
{
	static paddr_t bound[2 * BOOT_MAX_E820] init_bss;
	static struct e820_map out init_bss;
	unsigned int n = 0;
	bool has_ram = false;

	out.nr = 0;
	for (u32 i = 0; i < map->nr; i++) {
		struct e820_entry *e = &map->e[i];

		if (e->addr >= BIT64(PADDR_BITS))
			e->size = 0;
		else if (e->size > BIT64(PADDR_BITS) - e->addr)
			e->size = BIT64(PADDR_BITS) - e->addr;
		if (!e->type)
			e->type = E820_RESERVED;
		if (e->size) {
			bound[n++] = e->addr;
			bound[n++] = e->addr + e->size;
		}
	}
	sort_bounds(bound, n);
	for (unsigned int i = 0; i + 1 < n; i++) {
		struct e820_entry *last = out.nr ? &out.e[out.nr - 1] : NULL;
		u32 type;

		if (bound[i] == bound[i + 1])
			continue;
		type = type_at(map, bound[i]);
		if (!type)
			continue;
		has_ram |= type == E820_RAM;
		if (last && last->type == type && last->addr + last->size == bound[i])
			last->size += bound[i + 1] - bound[i];
		else if (out.nr < BOOT_MAX_E820)
			out.e[out.nr++] = (struct e820_entry){ bound[i], bound[i + 1] - bound[i], type };
	}
	*map = out;
	return has_ram;
}

/* @map sanitised. */
bool e820_range_is(const struct e820_map *map, paddr_t start, paddr_t end, u32 type)
{
	for (u32 i = 0; i < map->nr && start < end; i++) {
		const struct e820_entry *e = &map->e[i];

		if (start < e->addr || start >= e->addr + e->size)
			continue;
		if (e->type != type)
			return false;
		start = e->addr + e->size;
	}
	return start >= end;
}

const char *e820_type_name(u32 type)
{
	static const char *const name[] = {
		[E820_RAM] = "usable", [E820_RESERVED] = "reserved", [E820_ACPI] = "ACPI data",
		[E820_NVS] = "ACPI NVS", [E820_UNUSABLE] = "unusable",
	};

	return type < ARRAY_SIZE(name) && name[type] ? name[type] : "unknown";
}
