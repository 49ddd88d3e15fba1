/* SPDX-License-Identifier: GPL-2.0-only */
/* Interrupts of devices and APIC vectors (x86/irq.c). The IRQ number is the global system interrupt, or above those one made for MSI. */
#ifndef X86_IRQ_H
#define X86_IRQ_H

#include <hv/cpumask.h>
#include <hv/spinlock.h>

struct cpu_user_regs;
struct irq_desc;
struct irq_guest_action;
struct msi_desc;

#define NR_VECTORS		256
#define FIRST_DYNAMIC_VECTOR	0x20
#define LAST_DYNAMIC_VECTOR	0xef
/* 0xf0..0xff by priority: what must get through first is highest. */
#define VECTOR_SPURIOUS		0xff
#define VECTOR_ERROR		0xfe
#define VECTOR_INVALIDATE	0xfd
#define VECTOR_EVENT_CHECK	0xfc
#define VECTOR_CALL_FUNCTION	0xfb
#define VECTOR_STOP		0xf9
#define VECTOR_TIMER		0xfa
#define FIRST_DIRECT_VECTOR	0xf0
#define LEGACY_SYSCALL_VECTOR	0x80	/* INT 0x80 of 32-bit guests: never a device's */
#define HYPERCALL_VECTOR	0x82	/* INT 0x82 of 32-bit PV guests */

#define NR_LEGACY_IRQS		16
extern unsigned int nr_irqs_gsi;	/* GSIs known */
extern unsigned int nr_irqs;		/* and those made for MSI */

/* The interrupt controller of one IRQ. All are called with the descriptor's lock held, interrupts off. */
struct irq_controller {
	const char *name;
	unsigned int (*startup)(struct irq_desc *d);
	void (*shutdown)(struct irq_desc *d);
	void (*mask)(struct irq_desc *d);
	void (*unmask)(struct irq_desc *d);
	void (*ack)(struct irq_desc *d);		/* on entry */
	void (*end)(struct irq_desc *d, u8 vector);	/* when handled (a guest's: when it says so) */
	void (*set_affinity)(struct irq_desc *d, const cpumask_t *mask);
};

typedef void irq_handler(unsigned int irq, void *data, struct cpu_user_regs *regs);

#define IRQ_INPROGRESS		(1U << 0)
#define IRQ_DISABLED		(1U << 1)	/* masked on purpose */
#define IRQ_PENDING		(1U << 2)
#define IRQ_GUEST		(1U << 3)	/* bound to guests: action is unused */
#define IRQ_LEVEL		(1U << 4)
#define IRQ_PER_CPU		(1U << 5)

struct irq_desc {
	spinlock_t lock;			/* LOCK_IRQ, irqsave; protects all below */
	u32 status;
	u32 irq;
	s16 vector;				/* -1: none */
	cpumask_t cpus;				/* where vector is allocated */
	cpumask_t affinity;			/* asked for */
	const struct irq_controller *hw;
	irq_handler *handler;
	void *data;
	const char *name;
	struct irq_guest_action *guest;
	struct msi_desc *msi;
	u64 count;
	u32 delivering;				/* CPUs that raise its guests' events right now */
};

struct irq_desc *irq_to_desc(unsigned int irq);		/* NULL if out of range */
void irq_init(void);

/* A handler of the hypervisor's own. -EBUSY if taken, -EINVAL if there is no such IRQ. */
int request_irq(unsigned int irq, irq_handler *fn, void *data, const char *name) must_check;
/* A descriptor for an MSI: IRQ number or -ENOSPC. */
int create_irq(void);
void destroy_irq(unsigned int irq);
/* Gives @d a vector on CPUs of @mask (any online one if those have none). Lock held. 0 or -ENOSPC. */
int assign_irq_vector(struct irq_desc *d, const cpumask_t *mask) must_check;
/* The same for an IRQ that has one, whose vector's number must stay: -ENOSPC if it is taken there. */
int move_irq_vector(struct irq_desc *d, const cpumask_t *mask) must_check;
void release_irq_vector(struct irq_desc *d);
extern const struct irq_controller no_irq_controller;	/* of descriptors that are free */
void irq_dump(unsigned char key, struct cpu_user_regs *regs);

/* From entry.S for vectors from FIRST_DYNAMIC_VECTOR on: regs->entry_vector tells which. */
void do_irq(struct cpu_user_regs *regs);
/* Whole vectors that bypass irq descriptors: called with interrupts off; the handler acks the APIC itself. */
void set_direct_apic_vector(u8 vector, void (*fn)(struct cpu_user_regs *regs));

#endif
