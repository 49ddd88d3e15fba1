/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Another kernel in place of this one (public/kexec.h): the memory kept for a crash kernel, the images that the control
 * domain loads, and how they are started.
 */
#ifndef HV_KEXEC_H
#define HV_KEXEC_H

#include <hv/boot.h>
#include <hv/compiler.h>
#include <hv/types.h>
#include <public/kexec.h>

struct cpu_user_regs;

/* ---- crashkernel= (boot/crashkernel.c) ---- */

#define CRASHKERNEL_RANGES 16
struct crashkernel {
	struct { u64 from, to, size; } range[CRASHKERNEL_RANGES];	/* of RAM: the first that holds it decides */
	u32 nr;
	bool fixed;		/* the area begins at @at; else it ends at or below @at, where that is not 0 */
	paddr_t at;
};

/* SIZE[@OFFSET|<LIMIT|,below=LIMIT], or FROM-[TO]:SIZE,... in the place of SIZE. Pure; false: not understood. */
bool crashkernel_parse(const char *text, struct crashkernel *out);
u64 crashkernel_size(const struct crashkernel *c, u64 ram);	/* 0: none for a machine of so much RAM */

struct memory_range { paddr_t start; u64 size; };
/* What is kept; size 0: nothing. */
extern struct memory_range crash_area;
void crash_area_reserve(const struct e820_map *map);		/* boot, before anything else is allocated */

/* ---- images ---- */

#define KEXEC_SEGMENTS 16
/* What an image is to be, as the control domain asks for it. */
struct kexec_plan {
	u8 type;		/* KEXEC_TYPE_* */
	u16 arch;		/* EM_386: started in 32-bit mode without paging; EM_X86_64: in 64-bit mode */
	u32 nr;
	paddr_t entry;
	struct kexec_segment { unsigned long buf; u64 buf_size; paddr_t dest; u64 size; } segment[KEXEC_SEGMENTS];
};
/* Where it may go. */
struct kexec_room {
	struct memory_range crash;
	const struct e820_map *map;
	paddr_t end;		/* of what an image may ask to have mapped */
};
/* hypercall/kexec_check.c; pure. 0, or the ABI's errno for what is wrong. */
int kexec_check(const struct kexec_plan *p, const struct kexec_room *room) must_check;

/* x86/kexec_image.c: an image with its page tables, and with its contents as far as they are not where they belong. */
struct kexec_image;
struct kexec_image *kexec_image_new(const struct kexec_plan *p);	/* NULL: no memory */
/* Where the contents of the frame at @dest are to be written; NULL: no memory. */
void *kexec_image_page(struct kexec_image *image, paddr_t dest);
/* That frame will be all zeros. False: no memory. */
bool kexec_image_clear(struct kexec_image *image, paddr_t dest) must_check;
void kexec_image_complete(struct kexec_image *image);
void kexec_image_free(struct kexec_image *image);
/* Nothing else runs any more. */
noreturn_fn void kexec_image_start(const struct kexec_image *image);

/* hypercall/kexec.c: what is loaded, or NULL. */
struct kexec_image *kexec_loaded(unsigned int type);
long do_kexec_op(unsigned long cmd, unsigned long arg);

/* ---- the end (x86/crash.c) ---- */

void crash_notes_init(void);		/* boot, once the CPUs have their numbers */
/* Where the notes are. 0 or -ERANGE (no such CPU). */
int crash_cpu_notes(int cpu, struct memory_range *r) must_check;
struct memory_range crash_vmcoreinfo(void);
/* Starts the crash kernel, if one is loaded; @regs: of this CPU where it went wrong, NULL for here. */
void kexec_crash(const struct cpu_user_regs *regs);
/* On an NMI, first of all: does not return while the machine crashes. */
void crash_stop_here(const struct cpu_user_regs *regs);
/* Starts @image instead of a reboot, on the boot CPU. */
noreturn_fn void kexec_reboot(const struct kexec_image *image);

#endif
