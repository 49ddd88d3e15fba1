/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bench/counter.c under a pretended QEMU: each block of a list is translated, its instructions run, and what the counter
 * writes between its marks is shown.  Names of the fields: bench/counted.py.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../bench/mark.h"
#include "../../bench/qemu-plugin.h"

#define HYPERVISOR 0xffff808000000000ULL
#define KERNEL 0xffffffff81000000ULL
#define USER 0x400000ULL
#define U32(v) (uint8_t)(v), (uint8_t)((v) >> 8), (uint8_t)((v) >> 16), (uint8_t)((v) >> 24)

struct qemu_plugin_insn {
	uint64_t address;
	uint8_t bytes[12];
	size_t size;
	int accesses;
	/* What the counter asked for. */
	uint64_t *adds[4], *access_counter;
	int n_adds;
	qemu_plugin_vcpu_udata_cb_t called;
};

struct qemu_plugin_tb {
	struct qemu_plugin_insn *insn;
};

static struct qemu_plugin_insn insns[] = {
	{ .address = USER, .bytes = { 0x90 }, .size = 1 },					/* before the mark */
	{ .address = USER, .bytes = { 0x0f, 0x1f, 0x84, 0, U32(MARK_BEGIN) }, .size = 8 },
	{ .address = USER, .bytes = { 0x48, 0x8b, 0x07 }, .size = 3, .accesses = 1 },		/* mov (%rdi), %rax */
	{ .address = KERNEL, .bytes = { 0xf3, 0xa4 }, .size = 2, .accesses = 2 },		/* rep movsb */
	{ .address = HYPERVISOR, .bytes = { 0x0f, 0xa2 }, .size = 2 },				/* cpuid */
	{ .address = HYPERVISOR, .bytes = { 0x0f, 0x30 }, .size = 2 },				/* wrmsr */
	{ .address = HYPERVISOR, .bytes = { 0x0f, 0x22, 0xd8 }, .size = 3 },			/* mov %rax, %cr3 */
	{ .address = HYPERVISOR, .bytes = { 0x41, 0x0f, 0x22, 0xd8 }, .size = 4 },		/* mov %r8, %cr3 */
	{ .address = HYPERVISOR, .bytes = { 0x0f, 0x22, 0xc0 }, .size = 3 },			/* mov %rax, %cr0 */
	{ .address = HYPERVISOR, .bytes = { 0x0f, 0x01, 0x38 }, .size = 3, .accesses = 0 },	/* invlpg (%rax) */
	{ .address = HYPERVISOR, .bytes = { 0x0f, 0x01, 0xd0 }, .size = 3 },			/* xgetbv: plain */
	{ .address = HYPERVISOR, .bytes = { 0x0f, 0x01, 0x10 }, .size = 3, .accesses = 2 },	/* lgdt (%rax) */
	{ .address = HYPERVISOR, .bytes = { 0x66, 0x0f, 0x38, 0x82, 0x08 }, .size = 5 },	/* invpcid (%rax), %rcx */
	{ .address = HYPERVISOR, .bytes = { 0x48, 0xcf }, .size = 2, .accesses = 5 },		/* iretq */
	{ .address = KERNEL, .bytes = { 0x0f, 0x1f, 0x84, 0, U32(0x12345678) }, .size = 8 },	/* another NOP */
	{ .address = USER, .bytes = { 0x0f, 0x1f, 0x84, 0, U32(MARK_END) }, .size = 8 },
	{ .address = USER, .bytes = { 0x0f, 0xa2 }, .size = 2 },				/* after it */
};

static qemu_plugin_vcpu_tb_trans_cb_t translate;

#define EXPORT __attribute__((visibility("default")))

EXPORT void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, qemu_plugin_vcpu_tb_trans_cb_t cb)
{
	(void)id;
	translate = cb;
}

EXPORT size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb) { return tb->insn ? 1 : 0; }
EXPORT struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i) { return tb->insn + i; }
EXPORT uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn) { return insn->address; }
EXPORT size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn) { return insn->size; }
EXPORT const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn) { return insn->bytes; }

EXPORT void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, qemu_plugin_vcpu_udata_cb_t cb,
						   enum qemu_plugin_cb_flags flags, void *userdata)
{
	(void)flags;
	(void)userdata;
	insn->called = cb;
}

EXPORT void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn, enum qemu_plugin_op op, void *ptr,
						       uint64_t imm)
{
	(void)op;
	if (imm != 1 || insn->n_adds == 4)
		abort();
	insn->adds[insn->n_adds++] = ptr;
}

EXPORT void qemu_plugin_register_vcpu_mem_inline(struct qemu_plugin_insn *insn, enum qemu_plugin_mem_rw rw,
						 enum qemu_plugin_op op, void *ptr, uint64_t imm)
{
	(void)rw;
	(void)op;
	(void)imm;
	insn->access_counter = ptr;
}

static void execute(struct qemu_plugin_insn *insn)
{
	if (insn->called)
		insn->called(0, NULL);
	for (int i = 0; i < insn->n_adds; i++)
		++*insn->adds[i];
	*insn->access_counter += (uint64_t)insn->accesses;
}

int main(int argc, char **argv)
{
	void *plugin = argc > 2 ? dlopen(argv[1], RTLD_NOW) : NULL;
	int (*install)(qemu_plugin_id_t, const qemu_info_t *, int, char **);

	if (!plugin) {
		fprintf(stderr, "%s\n", dlerror());
		return 2;
	}
	*(void **)&install = dlsym(plugin, "qemu_plugin_install");
	if (!install || install(1, NULL, argc - 2, argv + 2))
		return 1;
	for (size_t i = 0; i < sizeof(insns) / sizeof(*insns); i++)
		translate(1, &(struct qemu_plugin_tb){ .insn = &insns[i] });
	for (size_t i = 0; i < sizeof(insns) / sizeof(*insns); i++)
		execute(&insns[i]);
	return 0;
}
