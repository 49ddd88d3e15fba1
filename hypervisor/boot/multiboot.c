/* SPDX-License-Identifier: GPL-2.0-only */
/* Multiboot 1 and 2 information into struct boot_info. */
#include <hv/boot.h>
#include <hv/bootmem.h>
#include <hv/lib.h>
#include <x86/layout.h>
#include <x86/sections.h>

#define MB1_HAS_MEM	BIT64(0)
#define MB1_HAS_CMDLINE	BIT64(2)
#define MB1_HAS_MODS	BIT64(3)
#define MB1_HAS_MMAP	BIT64(6)
#define MB1_HAS_LOADER	BIT64(9)
#define MB1_HAS_FB	BIT64(12)

struct mb1_info {
	u32 flags, mem_lower, mem_upper, boot_device, cmdline, mods_count, mods_addr, syms[4];
	u32 mmap_length, mmap_addr, drives_length, drives_addr, config_table, loader_name, apm_table;
	u32 vbe_control_info, vbe_mode_info;
	u16 vbe_mode, vbe_interface_seg, vbe_interface_off, vbe_interface_len;
	u64 fb_addr;
	u32 fb_pitch, fb_width, fb_height;
	u8 fb_bpp, fb_type, fb_color[6];
} packed_struct;
_Static_assert(offsetof(struct mb1_info, fb_addr) == 88, "Multiboot 0.6.96, 3.3");
struct mb1_module { u32 start, end, string, reserved; };
struct mb1_mmap { u32 size; u64 addr, len; u32 type; } packed_struct;

enum mb2_tag_type {
	MB2_END = 0, MB2_CMDLINE = 1, MB2_LOADER = 2, MB2_MODULE = 3, MB2_MEMINFO = 4, MB2_MMAP = 6,
	MB2_FRAMEBUFFER = 8, MB2_EFI64 = 12, MB2_RSDP_OLD = 14, MB2_RSDP_NEW = 15,
};
struct mb2_info { u32 total_size, reserved; };
struct mb2_tag { u32 type, size; };
struct mb2_module { struct mb2_tag tag; u32 start, end; char string[]; };
struct mb2_mmap_entry { u64 addr, len; u32 type, zero; };
struct mb2_mmap { struct mb2_tag tag; u32 entry_size, entry_version; u8 entries[]; };
struct mb2_framebuffer {
	struct mb2_tag tag;
	u64 addr;
	u32 pitch, width, height;
	u8 bpp, type;
	u16 reserved;
	u8 color[6];
};

/* What head.S made readable: all that 32-bit pointers reach. */
#define READABLE_END	BIT64(32)

struct boot_info boot_info init_bss;
struct e820_map machine_e820;
static char strings[BOOT_CMDLINE_SIZE * 2];	/* command lines outlive the loader's memory */
static size_t strings_used init_data;
static char rsdp_copy[64];

/* The first of several reasons is told, once there is a console. */
static init_fn void refuse(const char *why)
{
	if (!boot_info.damage)
		boot_info.damage = why;
}

/* @len bytes of the loader's memory, NULL where they are not all there. */
static init_fn const void *at(paddr_t addr, u64 len)
{
	if (addr <= READABLE_END && len <= READABLE_END - addr)
		return paddr_to_virt(addr);
	refuse("a pointer beyond 4 GiB");
	return NULL;
}

/* The string that begins at @s and ends within @max bytes. */
static init_fn const char *keep_string(const char *s, size_t max)
{
	char *d = strings + strings_used;
	size_t room = sizeof(strings) - strings_used, n = strnlen(s, min(max, room));

	if (n == max || n == room) {
		refuse(n == max ? "a string without an end" : "command lines of more than 8 KiB");
		return "";
	}
	memcpy(d, s, n + 1);
	strings_used += n + 1;
	return d;
}

/* The first word names the file (Multiboot 1, QEMU) or is GRUB's placeholder. */
static init_fn const char *skip_word(const char *s)
{
	while (*s == ' ')
		s++;
	while (*s && *s != ' ')
		s++;
	while (*s == ' ')
		s++;
	return s;
}

static init_fn void add_range(u64 addr, u64 len, u32 type)
{
	struct e820_map *m = &boot_info.e820;

	if (m->nr == BOOT_MAX_E820)
		refuse("a memory map of more than 1024 ranges");
	else
		m->e[m->nr++] = (struct e820_entry){ addr, len, type };
}

static init_fn bool overlap(paddr_t a, u64 a_size, paddr_t b, u64 b_size)
{
	return a < b + b_size && b < a + a_size;
}

static const char too_many_modules[] init_rodata = "more than 16 modules";

static init_fn void add_module(u32 start, u32 end, const char *cmdline)
{
	if (end < start)
		refuse("a module that ends before it starts");
	else if (boot_info.nr_modules == BOOT_MAX_MODULES)
		refuse(too_many_modules);
	if (boot_info.damage || end == start)
		return;
	if (overlap(start, end - start, image_paddr, (u64)(image_end - image_start)))
		refuse("a module that overlaps the hypervisor");
	for (u32 i = 0; i < boot_info.nr_modules; i++)
		if (overlap(start, end - start, boot_info.module[i].start, boot_info.module[i].size))
			refuse("modules that overlap");
	boot_info.module[boot_info.nr_modules++] = (struct boot_module){ start, end - start, skip_word(cmdline) };
}

static init_fn void set_framebuffer(paddr_t addr, const u32 size[3], u8 bpp, u8 type, const u8 *colors)
{
	struct boot_framebuffer *fb = &boot_info.fb;

	*fb = (struct boot_framebuffer){ .addr = addr, .pitch = size[0], .width = size[1], .height = size[2],
					 .bpp = bpp, .type = type };
	boot_info.has_fb = true;
	if (type != BOOT_FB_RGB)
		return;
	fb->red_pos = colors[0], fb->red_size = colors[1];
	fb->green_pos = colors[2], fb->green_size = colors[3];
	fb->blue_pos = colors[4], fb->blue_size = colors[5];
}

/* ---- Multiboot 1 ---- */

static init_fn const char *mb1_string(u32 addr)
{
	return keep_string(paddr_to_virt(addr), READABLE_END - addr);
}

static init_fn void parse_mb1_modules(u32 addr, u32 nr)
{
	const struct mb1_module *mod = at(addr, nr * sizeof(*mod));

	if (nr > BOOT_MAX_MODULES)
		refuse(too_many_modules);
	for (u32 i = 0; mod && i < nr && !boot_info.damage; i++)
		add_module(mod[i].start, mod[i].end, mod[i].string ? mb1_string(mod[i].string) : "");
}

static init_fn void parse_mb1_mmap(u32 addr, u32 length)
{
	const char *map = at(addr, length);

	for (u32 off = 0; map && off < length && !boot_info.damage; ) {
		const struct mb1_mmap *e = (const void *)(map + off);
		u32 left = length - off;

		/* The size counts what follows it. */
		if (left < sizeof(*e) || e->size < sizeof(*e) - sizeof(e->size) || e->size > left - sizeof(e->size)) {
			refuse("an entry of the memory map that is cut short");
			return;
		}
		add_range(e->addr, e->len, e->type);
		off += e->size + (u32)sizeof(e->size);
	}
}

static init_fn void parse_mb1(const struct mb1_info *mb)
{
	if (mb->flags & MB1_HAS_LOADER)
		boot_info.loader_name = mb1_string(mb->loader_name);
	if (mb->flags & MB1_HAS_CMDLINE)
		boot_info.cmdline = skip_word(mb1_string(mb->cmdline));
	if (mb->flags & MB1_HAS_MODS)
		parse_mb1_modules(mb->mods_addr, mb->mods_count);
	if (mb->flags & MB1_HAS_MMAP) {
		parse_mb1_mmap(mb->mmap_addr, mb->mmap_length);
	} else if (mb->flags & MB1_HAS_MEM) {
		add_range(0, (u64)mb->mem_lower << 10, E820_RAM);
		add_range(0x100000, (u64)mb->mem_upper << 10, E820_RAM);
	}
	if (mb->flags & MB1_HAS_FB)
		set_framebuffer(mb->fb_addr, (const u32[]){ mb->fb_pitch, mb->fb_width, mb->fb_height },
				mb->fb_bpp, mb->fb_type, mb->fb_color);
}

/* ---- Multiboot 2 ---- */

/* What a tag has at least; 0: not one that is looked into. */
static const u8 mb2_least[] init_rodata = {
	[MB2_CMDLINE] = sizeof(struct mb2_tag) + 1,
	[MB2_LOADER] = sizeof(struct mb2_tag) + 1,
	[MB2_MODULE] = sizeof(struct mb2_module) + 1,
	[MB2_MEMINFO] = sizeof(struct mb2_tag) + 8,
	[MB2_MMAP] = sizeof(struct mb2_mmap),
	[MB2_FRAMEBUFFER] = offsetof(struct mb2_framebuffer, reserved) + 1,
	[MB2_EFI64] = sizeof(struct mb2_tag) + 8,
	[MB2_RSDP_OLD] = sizeof(struct mb2_tag) + 20,	/* ACPI 1.0 5.2.5 */
	[MB2_RSDP_NEW] = sizeof(struct mb2_tag) + 36,	/* ACPI 2.0 5.2.4.2 */
};

static init_fn void parse_mb2_mmap(const struct mb2_mmap *m)
{
	u32 length = m->tag.size - (u32)sizeof(*m);

	if (m->entry_size < sizeof(struct mb2_mmap_entry) || length % m->entry_size) {
		refuse("an entry of the memory map that is cut short");
		return;
	}
	for (u32 off = 0; off < length; off += m->entry_size) {
		const struct mb2_mmap_entry *e = (const void *)(m->entries + off);

		add_range(e->addr, e->len, e->type);
	}
}

static init_fn void parse_mb2_framebuffer(const struct mb2_framebuffer *fb)
{
	/* Only a tag of this type has the colours' places. */
	if (fb->type == BOOT_FB_RGB && fb->tag.size < offsetof(struct mb2_framebuffer, color) + sizeof(fb->color))
		refuse("a framebuffer tag that is cut short");
	else
		set_framebuffer(fb->addr, (const u32[]){ fb->pitch, fb->width, fb->height }, fb->bpp, fb->type,
				fb->color);
}

/* Of a size that mb2_least allows. */
static init_fn void parse_mb2_tag(const struct mb2_tag *t)
{
	const struct mb2_module *mod = (const void *)t;
	const u32 *words = (const void *)(t + 1);
	size_t len = t->size - sizeof(*t);

	switch (t->type) {
	case MB2_CMDLINE:
		boot_info.cmdline = skip_word(keep_string((const char *)words, len));
		break;
	case MB2_LOADER:
		boot_info.loader_name = keep_string((const char *)words, len);
		break;
	case MB2_MODULE:
		add_module(mod->start, mod->end, keep_string(mod->string, t->size - sizeof(*mod)));
		break;
	case MB2_MEMINFO:
		if (boot_info.e820.nr)
			break;
		add_range(0, (u64)words[0] << 10, E820_RAM);
		add_range(0x100000, (u64)words[1] << 10, E820_RAM);
		break;
	case MB2_MMAP:
		boot_info.e820.nr = 0;
		parse_mb2_mmap((const void *)t);
		break;
	case MB2_FRAMEBUFFER:
		parse_mb2_framebuffer((const void *)t);
		break;
	case MB2_EFI64:
		boot_info.efi_system_table = (u64)words[1] << 32 | words[0];
		break;
	case MB2_RSDP_OLD:
	case MB2_RSDP_NEW:
		/* The tag holds a copy, whose home is unknown; the newer of two wins. */
		if (len > sizeof(rsdp_copy) || (boot_info.rsdp && t->type == MB2_RSDP_OLD))
			break;
		memcpy(rsdp_copy, words, len);
		boot_info.rsdp = image_to_paddr(rsdp_copy);
		break;
	}
}

static init_fn void parse_mb2(const char *info, u32 total)
{
	u64 off = sizeof(struct mb2_info);

	while (!boot_info.damage && off + sizeof(struct mb2_tag) <= total) {
		const struct mb2_tag *t = (const void *)(info + off);

		if (t->type == MB2_END)
			return;
		if (t->size < sizeof(*t) || t->size > total - off ||
		    (t->type < ARRAY_SIZE(mb2_least) && t->size < mb2_least[t->type])) {
			refuse("a tag that is cut short");
			return;
		}
		parse_mb2_tag(t);
		off += ROUND_UP((u64)t->size, 8);
	}
	refuse("tags without an end");
}

static u8 kbd_flags;

u8 boot_info_kbd_flags(void)
{
	return kbd_flags;
}

init_fn void multiboot_parse(u32 magic, paddr_t info)
{
	kbd_flags = *(const volatile u8 *)paddr_to_virt(0x417);
	boot_info = (struct boot_info){ .loader_name = "unknown", .cmdline = "" };
	strings_used = 0;
	if (magic == MB1_BOOT_MAGIC) {
		const struct mb1_info *mb = at(info, sizeof(*mb));

		boot_info.protocol = 1;
		if (mb)
			parse_mb1(mb);
	} else if (magic == MB2_BOOT_MAGIC) {
		const struct mb2_info *mb = at(info, sizeof(*mb));

		boot_info.protocol = 2;
		if (mb && at(info, mb->total_size))
			parse_mb2((const char *)mb, mb->total_size);
	}
}
