/* SPDX-License-Identifier: GPL-2.0-only */
/* What the boot loader said, copied out of its memory (boot/multiboot.c). */
#ifndef HV_BOOT_H
#define HV_BOOT_H

#include <hv/types.h>

#define BOOT_MAX_E820		1024
#define BOOT_MAX_MODULES	16
#define BOOT_CMDLINE_SIZE	4096

enum e820_type {
	E820_RAM = 1,
	E820_RESERVED = 2,
	E820_ACPI = 3,
	E820_NVS = 4,
	E820_UNUSABLE = 5,
};

struct e820_entry { paddr_t addr; u64 size; u32 type; };
struct e820_map { u32 nr; struct e820_entry e[BOOT_MAX_E820]; };

struct boot_module {
	paddr_t start;
	u64 size;
	const char *cmdline;	/* without the first word, which is the file's name or GRUB's placeholder */
};

struct boot_framebuffer {
	paddr_t addr;
	u32 pitch, width, height;
	u8 bpp, type;		/* 0 indexed, BOOT_FB_RGB, 2 EGA text */
	u8 red_pos, red_size, green_pos, green_size, blue_pos, blue_size;	/* of RGB */
};
#define BOOT_FB_RGB		1

struct boot_info {
	const char *loader_name;
	unsigned int protocol;	/* of Multiboot: 1 or 2 */
	const char *cmdline;	/* the hypervisor's, without the first word */
	struct e820_map e820;
	u32 nr_modules;
	struct boot_module module[BOOT_MAX_MODULES];
	paddr_t rsdp;		/* 0: not told, search for it */
	u64 efi_system_table;	/* 0 on BIOS */
	struct boot_framebuffer fb;
	bool has_fb;
	const char *damage;	/* what is wrong with the loader's information; NULL: nothing */
};

extern struct boot_info boot_info;
/* The machine's memory map as Domain 0 is shown it (XENMEM_machine_memory_map); stays after boot. */
extern struct e820_map machine_e820;

/* BIOS data area, 0x417: keyboard shift state at boot. */
u8 boot_info_kbd_flags(void);

#define MB1_BOOT_MAGIC		0x2badb002
#define MB2_BOOT_MAGIC		0x36d76289
/*
 * Fills boot_info from what head.S was started with; the direct map reaches to 4 GiB. Reads no byte beyond that
 * nor beyond what the information says that it has: boot_info.damage names what makes no sense.
 */
void multiboot_parse(u32 magic, paddr_t info);

/* ACPI 2.0 RSDP by UEFI's configuration tables, 0 if it is not there. */
paddr_t efi_find_rsdp(paddr_t system_table);

/*
 * Sorts @map and removes overlaps: where ranges overlap the higher type number of the stricter kind
 * wins (anything beats RAM).  Empty and wrapping ranges vanish.  False if it has no RAM.  Pure.
 */
bool e820_sanitise(struct e820_map *map);
bool e820_range_is(const struct e820_map *map, paddr_t start, paddr_t end, u32 type);
const char *e820_type_name(u32 type);

__attribute__((noreturn)) void start_hypervisor(u32 magic, paddr_t info);

#endif
