/* SPDX-License-Identifier: GPL-2.0-only */
/* Page-table isolation: each CPU's own root for isolated vCPUs (pv/xpti.h). */
#include <hv/heap.h>
#include <hv/lib.h>
#include <hv/percpu.h>
#include <hv/softirq.h>
#include <pv/xpti.h>
#include <x86/current.h>
#include <x86/desc.h>
#include <x86/layout.h>
#include <x86/pgtable.h>
#include <x86/sections.h>

/* Above an interrupt stack: a word that tells how far its own address is from the window's, and one unused. */
#define IST_TOP_WORDS	2

struct xpti_cpu {
	u64 *root;
	u64 source;			/* frame of the root that it copies; 0: none yet. Written by its CPU */
};
static DEFINE_PER_CPU(struct xpti_cpu, xpti_cpu);
static u64 *shared_l2;			/* the first GiB of the image's slot, in every CPU's root */
extern u64 entry_hv_root;

static u64 *new_table(void)
{
	u64 *t = alloc_hv_page();

	if (!t)
		panic("No memory for page-table isolation");
	return t;
}

static void share(const void *start, const void *end)
{
	for (unsigned long va = (unsigned long)start; va < (unsigned long)end; va += PAGE_SIZE) {
		u64 *l2 = &shared_l2[l2_index(va)];

		if (!*l2)
			*l2 = make_pte(virt_to_mfn(new_table()), PTE_TABLE);
		((u64 *)mfn_to_virt(pte_mfn(*l2)))[l1_index(va)] = *hv_pte(va);
	}
}

/* Each entry as a whole: another CPU may be writing it. */
static void copy_entries(u64 *to, const u64 *from, unsigned long n)
{
	__asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
}

/* SOFTIRQ_ROOT */
static void copy_root(void)
{
	const struct xpti_cpu *x = &this_cpu(xpti_cpu);
	const u64 *from = mfn_to_virt(mfn(x->source));

	smp_mb();		/* source is written, the softirq's bit is clear; pairs with xpti_root_changed() */
	copy_entries(x->root, from, HV_FIRST_SLOT + 1);	/* the machine-to-phys table is the guest's to read */
	copy_entries(&x->root[HV_LAST_SLOT + 1], &from[HV_LAST_SLOT + 1], 511 - HV_LAST_SLOT);
}

static void share_image(const char *idt)
{
	shared_l2 = new_table();
	share(entry_text_start, entry_text_end);
	share(entry_data_start, entry_data_end);
	share(idt, idt + PAGE_SIZE);
	entry_hv_root = virt_to_paddr(hv_l4);
	open_softirq(SOFTIRQ_ROOT, copy_root);
}

/* The boot CPU's stack is the image's, those of the others are of the heap. */
static mfn_t stack_mfn(const char *page)
{
	return is_image_addr((unsigned long)page) ? paddr_to_mfn(image_to_paddr(page)) : virt_to_mfn(page);
}

static void show_interrupt_stacks(unsigned int cpu, char *stack)
{
	char *at = (char *)cpu_window(cpu) + CPU_WINDOW_IST_PAGE * PAGE_SIZE;
	u64 *pte = cpu_window_pte(cpu, CPU_WINDOW_IST_PAGE);

	for (unsigned int i = 0; i < NR_IST; i++) {
		size_t top = (i + 1) * PAGE_SIZE - IST_TOP_WORDS * sizeof(u64);

		*(s64 *)(stack + top) = stack - at;
		per_cpu(cpu_tss, cpu)->ist[i] = (unsigned long)at + top;
		pte[i] = make_pte(stack_mfn(stack + i * PAGE_SIZE), PTE_HV_RW);
	}
}

void xpti_cpu_init(unsigned int cpu, char *stack, const void *idt)
{
	u64 *l3 = new_table(), *l2 = new_table(), window = *hv_l2e(cpu_window(cpu));

	if (!shared_l2)
		share_image(idt);
	l3[l3_index(HV_IMAGE_START)] = make_pte(virt_to_mfn(shared_l2), PTE_TABLE);
	l3[l3_index(CPU_WINDOW_START)] = make_pte(virt_to_mfn(l2), PTE_TABLE);
	l2[l2_index(cpu_window(cpu))] = window;
	per_cpu(xpti_cpu, cpu) = (struct xpti_cpu){ .root = new_table() };
	per_cpu(xpti_cpu, cpu).root[l4_index(HV_IMAGE_START)] = make_pte(virt_to_mfn(l3), PTE_TABLE);
	show_interrupt_stacks(cpu, stack);
}

struct cpu_user_regs *xpti_show_vcpu(struct vcpu *v)
{
	unsigned int cpu = smp_processor_id();
	unsigned long at = cpu_window(cpu) + CPU_WINDOW_VCPU_PAGE * PAGE_SIZE;
	struct cpu_user_regs *regs = &v->arch.regs;

	if (v->domain->arch.isolated) {
		WRITE_ONCE(*cpu_window_pte(cpu, CPU_WINDOW_VCPU_PAGE), make_pte(virt_to_mfn(v), PTE_HV_RW));
		regs = (void *)(at + offsetof(struct vcpu, arch.regs));
	}
	get_cpu_info()->entry_regs = regs;
	return regs;
}

void xpti_follow(struct vcpu *v, u64 cr3)
{
	struct xpti_cpu *x = &this_cpu(xpti_cpu);

	if (!v->domain->arch.isolated)
		return;
	v->arch.full_root = cr3;
	v->arch.isolated_root = virt_to_paddr(x->root);
	WRITE_ONCE(x->source, cr3 >> PAGE_SHIFT);
	raise_softirq(SOFTIRQ_ROOT);
}

static void copy_later(void *unused) { raise_softirq(SOFTIRQ_ROOT); }

void xpti_root_changed(const struct domain *d, mfn_t root)
{
	cpumask_t users;
	unsigned int cpu;

	cpumask_clear(&users);
	smp_mb();		/* the entry is written; pairs with copy_root() */
	for_each_cpu(cpu, &d->dirty_cpus)
		if (READ_ONCE(per_cpu(xpti_cpu, cpu).source) == root.m)
			cpumask_set_cpu(cpu, &users);
	if (!cpumask_empty(&users))
		smp_call_function(&users, copy_later, NULL);
}
