/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A plugin of QEMU that counts what a machine of one CPU executes, apart for the hypervisor, for kernels and for
 * programs: instructions, memory accesses, TLB flushes and serializing instructions.  What waits counts nothing.
 *
 *   -plugin counter.so,out=FILE[,profile=PREFIX]
 *
 * Whoever runs in the machine, at any privilege, marks where to count from and up to: a long NOP whose displacement
 * is MARK_BEGIN or MARK_END (bench/mark.h).  Each end writes one line to the file.  With a profile, the nth end also
 * writes PREFIX.n (from 0): the addresses of the instructions executed since the begin, with how often.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mark.h"
#include "qemu-plugin.h"

#define EXPORT __attribute__((visibility("default")))
/* Slots 256 to 271 of the top-level table: the ABI keeps them for the hypervisor. */
#define HYPERVISOR_FIRST 0xffff800000000000ULL
#define HYPERVISOR_END 0xffff880000000000ULL

enum who { HYPERVISOR, KERNEL, USER, WHO };
enum what { INSTRUCTIONS, ACCESSES, FLUSHES, SERIALIZING, WHAT };

struct place {
	uint64_t address, count, at_begin;
	struct place *next;
};

#define BUCKETS (1U << 18)

EXPORT int qemu_plugin_version = QEMU_PLUGIN_VERSION;

static uint64_t counters[WHO][WHAT], at_begin[WHO][WHAT];
static struct place **places;		/* NULL: no profile */
static const char *profile;		/* what its files' names begin with */
static unsigned int ends;
static FILE *out;

static enum who who_is_at(uint64_t address)
{
	if (address < HYPERVISOR_FIRST)
		return USER;
	return address < HYPERVISOR_END ? HYPERVISOR : KERNEL;
}

/* Instruction bytes without the prefixes that those counted here may have. */
static const uint8_t *opcode(const uint8_t *p, const uint8_t *end)
{
	while (p < end && (*p == 0x66 || (*p & 0xf0) == 0x40))
		p++;
	return p;
}

enum kind { PLAIN, SERIALIZES, FLUSHES_TLB, BEGINS, ENDS };

/* SDM volume 3, "Serializing Instructions" and "Operations that Invalidate TLBs". */
static enum kind kind_of(const uint8_t *p, const uint8_t *end)
{
	uint32_t displacement;

	p = opcode(p, end);
	if (end - p == 1 && *p == 0xcf)
		return SERIALIZES;	/* IRET */
	if (end - p < 2 || *p != 0x0f)
		return PLAIN;
	switch (p[1]) {
	case 0xa2:			/* CPUID */
	case 0x30:			/* WRMSR */
	case 0x08: case 0x09:		/* INVD, WBINVD */
		return SERIALIZES;
	case 0x22:			/* MOV to CR3 or CR4; to another one */
		return end - p == 3 && ((p[2] >> 3 & 7) == 3 || (p[2] >> 3 & 7) == 4) ? FLUSHES_TLB : SERIALIZES;
	case 0x01:			/* INVLPG; LGDT, LIDT */
		if (end - p < 3 || p[2] >> 6 == 3)
			return PLAIN;
		return (p[2] >> 3 & 7) == 7 ? FLUSHES_TLB : (p[2] >> 3 & 7) == 2 || (p[2] >> 3 & 7) == 3 ? SERIALIZES : PLAIN;
	case 0x00:			/* LLDT, LTR */
		return end - p > 2 && ((p[2] >> 3 & 7) == 2 || (p[2] >> 3 & 7) == 3) ? SERIALIZES : PLAIN;
	case 0x38:			/* INVPCID */
		return end - p > 2 && p[2] == 0x82 ? FLUSHES_TLB : PLAIN;
	case 0x1f:
		if (end - p != 8 || p[2] != 0x84)
			return PLAIN;
		memcpy(&displacement, p + 4, 4);
		return displacement == MARK_BEGIN ? BEGINS : displacement == MARK_END ? ENDS : PLAIN;
	}
	return PLAIN;
}

static struct place *place_of(uint64_t address)
{
	struct place **list = &places[(address ^ address >> 20) % BUCKETS], *p;

	for (p = *list; p; p = p->next)
		if (p->address == address)
			return p;
	p = calloc(1, sizeof(*p));
	if (!p)
		abort();
	p->address = address;
	p->next = *list;
	return *list = p;
}

static void each_place(void (*fn)(struct place *, FILE *), FILE *f)
{
	for (unsigned int i = 0; places && i < BUCKETS; i++)
		for (struct place *p = places[i]; p; p = p->next)
			fn(p, f);
}

static void place_begin(struct place *p, FILE *f)
{
	(void)f;
	p->at_begin = p->count;
}

static void place_print(struct place *p, FILE *f)
{
	if (p->count != p->at_begin)
		fprintf(f, "%llx %llu\n", (unsigned long long)p->address, (unsigned long long)(p->count - p->at_begin));
}

static FILE *opened(const char *path)
{
	FILE *f = fopen(path, "w");

	if (!f)
		fprintf(stderr, "counter: %s: %m\n", path);
	return f;
}

static void write_profile(void)
{
	char path[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), "%s.%u", profile, ends);
	f = opened(path);
	if (!f)
		abort();
	each_place(place_print, f);
	if (fclose(f))
		abort();
}

static void begin(unsigned int vcpu, void *data)
{
	(void)vcpu;
	(void)data;
	each_place(place_begin, NULL);
	memcpy(at_begin, counters, sizeof(counters));
}

static void end(unsigned int vcpu, void *data)
{
	(void)vcpu;
	(void)data;
	if (profile)
		write_profile();
	ends++;
	for (int who = 0; who < WHO; who++)
		for (int what = 0; what < WHAT; what++)
			fprintf(out, "%llu%c", (unsigned long long)(counters[who][what] - at_begin[who][what]),
				who == WHO - 1 && what == WHAT - 1 ? '\n' : ' ');
	fflush(out);
}

static void count(struct qemu_plugin_insn *insn, uint64_t *counter)
{
	qemu_plugin_register_vcpu_insn_exec_inline(insn, QEMU_PLUGIN_INLINE_ADD_U64, counter, 1);
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	(void)id;
	for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		uint64_t address = qemu_plugin_insn_vaddr(insn);
		const uint8_t *bytes = qemu_plugin_insn_data(insn);
		uint64_t *counter = counters[who_is_at(address)];

		count(insn, &counter[INSTRUCTIONS]);
		if (places)
			count(insn, &place_of(address)->count);
		qemu_plugin_register_vcpu_mem_inline(insn, QEMU_PLUGIN_MEM_RW, QEMU_PLUGIN_INLINE_ADD_U64,
						     &counter[ACCESSES], 1);
		switch (kind_of(bytes, bytes + qemu_plugin_insn_size(insn))) {
		case PLAIN:
			break;
		case FLUSHES_TLB:
			count(insn, &counter[FLUSHES]);
			/* Each of these serializes as well. */
			__attribute__((fallthrough));
		case SERIALIZES:
			count(insn, &counter[SERIALIZING]);
			break;
		case BEGINS:
			qemu_plugin_register_vcpu_insn_exec_cb(insn, begin, QEMU_PLUGIN_CB_NO_REGS, NULL);
			break;
		case ENDS:
			qemu_plugin_register_vcpu_insn_exec_cb(insn, end, QEMU_PLUGIN_CB_NO_REGS, NULL);
			break;
		}
	}
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
	(void)info;
	for (int i = 0; i < argc; i++) {
		if (!strncmp(argv[i], "out=", 4)) {
			out = opened(argv[i] + 4);
		} else if (!strncmp(argv[i], "profile=", 8)) {
			profile = strdup(argv[i] + 8);
			places = calloc(BUCKETS, sizeof(*places));
			if (!profile || !places)
				return -1;
		} else {
			fprintf(stderr, "counter: unknown option %s\n", argv[i]);
			return -1;
		}
	}
	if (!out)
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
