/* SPDX-License-Identifier: GPL-2.0-only */
/* Look-up in the table that tools/symtab.awk makes: offsets from the image's start, ascending, and names. */
#include <hv/lib.h>
#include <hv/symbols.h>
#include <x86/layout.h>
#include <x86/sections.h>

struct symbol { u32 offset, name; };

extern const u32 symtab_count;		/* 0 in the first of the two links */
extern const struct symbol symtab_entries[];
extern const char symtab_names[];

const char *symbol_lookup(unsigned long addr, unsigned long *off, unsigned long *size)
{
	unsigned int lo = 0, hi = symtab_count, mid;
	unsigned long rel = addr - HV_IMAGE_START, end;

	if (!hi || !is_image_text(addr) || rel < symtab_entries[0].offset)
		return NULL;
	while (hi - lo > 1) {
		mid = (lo + hi) / 2;
		if (symtab_entries[mid].offset <= rel)
			lo = mid;
		else
			hi = mid;
	}
	end = lo + 1 < symtab_count ? symtab_entries[lo + 1].offset : rel + 1;
	*off = rel - symtab_entries[lo].offset;
	*size = end - symtab_entries[lo].offset;
	return symtab_names + symtab_entries[lo].name;
}

bool symbol_get(unsigned int nr, unsigned long *addr, const char **name)
{
	if (nr >= symtab_count)
		return false;
	*addr = HV_IMAGE_START + symtab_entries[nr].offset;
	*name = symtab_names + symtab_entries[nr].name;
	return true;
}
