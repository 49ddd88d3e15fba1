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

struct boot_info boot_info init_data;
struct e820_map machine_e820;
static char strings[BOOT_CMDLINE_SIZE * 2];	/* command lines outlive the loader's memory */
static size_t strings_used init_data;
static char rsdp_copy[64];

static init_fn const char *keep_string(const char *s)
{
	char *d = strings + strings_used;
	size_t room = sizeof(strings) - strings_used, n;

	if (room < 2)
		return "";
	n = strlcpy(d, s, room);
	strings_used += min(n, room - 1) + 1;
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

	if (m->nr < BOOT_MAX_E820)
		m->e[m->nr++] = (struct e820_entry){ addr, len, type };
}

static init_fn void add_module(u32 start, u32 end, const char *cmdline)
{
	if (boot_info.nr_modules == BOOT_MAX_MODULES || end <= start)
		return;
	boot_info.module[boot_info.nr_modules++] =
		(struct boot_module){ start, end - start, keep_string(skip_word(cmdline)) };
}

static init_fn void set_colors(const u8 *c)
{
	struct boot_framebuffer *fb = &boot_info.fb;

	fb->red_pos = c[0], fb->red_size = c[1];
	fb->green_pos = c[2], fb->green_size = c[3];
	fb->blue_pos = c[4], fb->blue_size = c[5];
	boot_info.has_fb = true;
}

static init_fn void parse_mb1(const struct mb1_info *mb)
{
	const struct mb1_module *mod = paddr_to_virt(mb->mods_addr);

	if (mb->flags & MB1_HAS_LOADER)
		boot_info.loader_name = keep_string(paddr_to_virt(mb->loader_name));
	if (mb->flags & MB1_HAS_CMDLINE)
		boot_info.cmdline = keep_string(skip_word(paddr_to_virt(mb->cmdline)));
	if (mb->flags & MB1_HAS_MODS)
		for (u32 i = 0; i < mb->mods_count; i++)
			add_module(mod[i].start, mod[i].end, mod[i].string ? paddr_to_virt(mod[i].string) : "");
	if (mb->flags & MB1_HAS_MMAP) {
		for (u32 off = 0; off + sizeof(struct mb1_mmap) <= mb->mmap_length; ) {
			const struct mb1_mmap *e = paddr_to_virt(mb->mmap_addr + off);

			add_range(e->addr, e->len, e->type);
			off += e->size + (u32)sizeof(e->size);
		}
	} else if (mb->flags & MB1_HAS_MEM) {
		add_range(0, (u64)mb->mem_lower << 10, E820_RAM);
		add_range(0x100000, (u64)mb->mem_upper << 10, E820_RAM);
	}
	if (mb->flags & MB1_HAS_FB) {
		boot_info.fb = (struct boot_framebuffer){
			.addr = mb->fb_addr, .pitch = mb->fb_pitch, .width = mb->fb_width,
			.height = mb->fb_height, .bpp = mb->fb_bpp, .type = mb->fb_type };
		set_colors(mb->fb_color);
	}
}

static init_fn void parse_mb2_mmap(const struct mb2_mmap *m)
{
	if (m->entry_size < sizeof(struct mb2_mmap_entry))
		return;
	for (u32 off = sizeof(*m); off + m->entry_size <= m->tag.size; off += m->entry_size) {
		const struct mb2_mmap_entry *e = (const void *)((const char *)m + off);

		add_range(e->addr, e->len, e->type);
	}
}

static init_fn void parse_mb2_tag(const struct mb2_tag *t)
{
	const struct mb2_module *mod = (const void *)t;
	const struct mb2_framebuffer *fb = (const void *)t;
	const u32 *words = (const void *)(t + 1);

	switch (t->type) {
	case MB2_CMDLINE:
		boot_info.cmdline = keep_string(skip_word((const char *)words));
		break;
	case MB2_LOADER:
		boot_info.loader_name = keep_string((const char *)words);
		break;
	case MB2_MODULE:
		add_module(mod->start, mod->end, mod->string);
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
		boot_info.fb = (struct boot_framebuffer){
			.addr = fb->addr, .pitch = fb->pitch, .width = fb->width, .height = fb->height,
			.bpp = fb->bpp, .type = fb->type };
		set_colors(fb->color);
		break;
	case MB2_EFI64:
		boot_info.efi_system_table = (u64)words[1] << 32 | words[0];
		break;
	case MB2_RSDP_OLD:
	case MB2_RSDP_NEW:
		/* The tag holds a copy, whose home is unknown; the newer of two wins. */
		if (t->size - sizeof(*t) > sizeof(rsdp_copy) || (boot_info.rsdp && t->type == MB2_RSDP_OLD))
			break;
		memcpy(rsdp_copy, words, t->size - sizeof(*t));
		boot_info.rsdp = image_to_paddr(rsdp_copy);
		break;
	}
}

static init_fn void parse_mb2(const struct mb2_info *mb)
{
	u32 off = sizeof(*mb);

	while (off + sizeof(struct mb2_tag) <= mb->total_size) {
		const struct mb2_tag *t = (const void *)((const char *)mb + off);

		if (t->type == MB2_END || t->size < sizeof(*t))
			break;
		parse_mb2_tag(t);
		off += ROUND_UP(t->size, 8U);
	}
}

static u8 kbd_flags;

u8 boot_info_kbd_flags(void)
{
	return kbd_flags;
}

init_fn void multiboot_parse(u32 magic, paddr_t info)
{
	kbd_flags = *(const volatile u8 *)paddr_to_virt(0x417);
	boot_info.loader_name = "unknown";
	boot_info.cmdline = "";
	if (magic == MB1_BOOT_MAGIC) {
		boot_info.protocol = 1;
		parse_mb1(paddr_to_virt(info));
	} else if (magic == MB2_BOOT_MAGIC) {
		boot_info.protocol = 2;
		parse_mb2(paddr_to_virt(info));
	}
}
