/* SPDX-License-Identifier: GPL-2.0-only */
/* IO-APICs (82093AA data sheet) and the two PICs they replace. */
#include <hv/heap.h>
#include <hv/lib.h>
#include <hv/spinlock.h>
#include <x86/apic.h>
#include <x86/irq.h>
#include <x86/machine.h>
#include <x86/pgtable.h>
#include <x86/processor.h>
#include <x86/smp.h>

#define IOREGSEL	0x00
#define IOWIN		0x10
#define IOAPIC_VERSION	1
#define IOAPIC_REDIR(n)	(0x10 + 2 * (n))

/* Redirection entry. */
#define REDIR_VECTOR	0xff
#define REDIR_LOW	BIT64(13)
#define REDIR_LEVEL	BIT64(15)
#define REDIR_MASKED	BIT64(16)
#define REDIR_DEST_SHIFT 56

/* MPS INTI flags in the MADT */
#define INTI_POLARITY	3
#define INTI_LOW	3
#define INTI_TRIGGER	(3 << 2)
#define INTI_LEVEL	(3 << 2)

#define PIC1_DATA	0x21
#define PIC2_DATA	0xa1

static struct ioapic { volatile char *regs; paddr_t base; unsigned int gsi_base, pins; } ioapic[MAX_IOAPICS];
static unsigned int nr_ioapics;
static spinlock_t ioapic_lock = SPINLOCK_INIT(LOCK_LEAF);	/* select and window go together; irqsave */
static u64 *shadow;						/* entry of each GSI as written, ioapic_lock */
static u8 isa_gsi[NR_LEGACY_IRQS];

static u32 read_reg(const struct ioapic *a, u32 reg)
{
	mmio_write32(a->regs + IOREGSEL, reg);
	return mmio_read32(a->regs + IOWIN);
}

static void write_reg(const struct ioapic *a, u32 reg, u32 v)
{
	mmio_write32(a->regs + IOREGSEL, reg);
	mmio_write32(a->regs + IOWIN, v);
}

static const struct ioapic *of_gsi(unsigned int gsi)
{
	for (unsigned int i = 0; i < nr_ioapics; i++)
		if (gsi - ioapic[i].gsi_base < ioapic[i].pins)
			return &ioapic[i];
	return NULL;
}

/*
 * Lock held. The half with the mask bit is written last when it unmasks, first when it masks. A pin whose vector
 * and destination both change is masked meanwhile.
 */
static void write_entry(unsigned int gsi, u64 e)
{
	const struct ioapic *a = of_gsi(gsi);
	u32 reg = IOAPIC_REDIR(gsi - a->gsi_base);
	u64 change = shadow[gsi] ^ e;

	if (change >> 32 || e & REDIR_MASKED) {
		if (change & (REDIR_VECTOR | REDIR_MASKED) && !(shadow[gsi] & REDIR_MASKED))
			write_reg(a, reg, (u32)shadow[gsi] | (u32)REDIR_MASKED);
		write_reg(a, reg + 1, (u32)(e >> 32));
	}
	shadow[gsi] = e;
	write_reg(a, reg, (u32)e);
}

static void change_entry(unsigned int gsi, u64 clear, u64 set)
{
	unsigned long flags = spin_lock_irqsave(&ioapic_lock);
	u64 e = (shadow[gsi] & ~clear) | set;

	if (e != shadow[gsi])
		write_entry(gsi, e);
	spin_unlock_irqrestore(&ioapic_lock, flags);
}

static void ioapic_mask(struct irq_desc *d)
{
	change_entry(d->irq, 0, REDIR_MASKED);
}

static void ioapic_unmask(struct irq_desc *d)
{
	change_entry(d->irq, REDIR_MASKED, 0);
}

static u64 target_bits(const struct irq_desc *d)
{
	u64 dest = cpu_apicid[cpumask_first(&d->cpus)];

	return (u64)(u8)d->vector | dest << REDIR_DEST_SHIFT;
}

static unsigned int ioapic_startup(struct irq_desc *d)
{
	change_entry(d->irq, REDIR_VECTOR | REDIR_MASKED | 0xffULL << REDIR_DEST_SHIFT, target_bits(d));
	return 0;
}

static void level_set_affinity(struct irq_desc *d, const cpumask_t *mask)
{
	if (!assign_irq_vector(d, mask))
		change_entry(d->irq, REDIR_VECTOR | 0xffULL << REDIR_DEST_SHIFT, target_bits(d));
}

/* An edge that comes while its pin is masked is lost: so that it need not be, the vector stays. */
static void edge_set_affinity(struct irq_desc *d, const cpumask_t *mask)
{
	if (!move_irq_vector(d, mask))
		change_entry(d->irq, 0xffULL << REDIR_DEST_SHIFT, target_bits(d));
}

static void edge_ack(struct irq_desc *d)
{
	apic_eoi();
}

static void edge_end(struct irq_desc *d, u8 vector)
{
}

/* A level interrupt stays asserted until its device is served: masked until then, the CPU is free for others. */
static void level_ack(struct irq_desc *d)
{
	change_entry(d->irq, 0, REDIR_MASKED);
	apic_eoi();
}

static void level_end(struct irq_desc *d, u8 vector)
{
	if (!(d->status & IRQ_DISABLED))
		change_entry(d->irq, REDIR_MASKED, 0);
}

static const struct irq_controller ioapic_edge = {
	.name = "IO-APIC-edge", .startup = ioapic_startup, .shutdown = ioapic_mask, .mask = ioapic_mask,
	.unmask = ioapic_unmask, .ack = edge_ack, .end = edge_end, .set_affinity = edge_set_affinity,
};
static const struct irq_controller ioapic_level = {
	.name = "IO-APIC-level", .startup = ioapic_startup, .shutdown = ioapic_mask, .mask = ioapic_mask,
	.unmask = ioapic_unmask, .ack = level_ack, .end = level_end, .set_affinity = level_set_affinity,
};

/* Descriptor lock held, or boot. */
static void set_trigger(struct irq_desc *d, bool level, bool low)
{
	change_entry(d->irq, REDIR_LEVEL | REDIR_LOW, (level ? REDIR_LEVEL : 0) | (low ? REDIR_LOW : 0));
	d->hw = level ? &ioapic_level : &ioapic_edge;
	d->status = (d->status & ~IRQ_LEVEL) | (level ? IRQ_LEVEL : 0);
}

int ioapic_setup_gsi(unsigned int gsi, bool level, bool low)
{
	struct irq_desc *d = irq_to_desc(gsi);
	unsigned long flags;
	int rc = 0;

	if (!d || !of_gsi(gsi))
		return -EINVAL;
	flags = spin_lock_irqsave(&d->lock);
	if (d->handler || d->guest)
		rc = 0;		/* in use: its set-up stands */
	else
		set_trigger(d, level, low);
	spin_unlock_irqrestore(&d->lock, flags);
	return rc;
}

unsigned int isa_irq_to_gsi(unsigned int irq)
{
	return irq < NR_LEGACY_IRQS ? isa_gsi[irq] : irq;
}

init_fn void pic_off(void)
{
	outb(0xff, PIC2_DATA);
	outb(0xff, PIC1_DATA);
}

static init_fn void apply_overrides(void)
{
	for (unsigned int i = 0; i < NR_LEGACY_IRQS; i++)
		isa_gsi[i] = (u8)i;
	for (u32 i = 0; i < machine.madt.nr_overrides; i++) {
		const struct madt_override *o = &machine.madt.override[i];
		struct irq_desc *d = irq_to_desc(o->gsi);

		if (!d || !of_gsi(o->gsi) || o->gsi > 0xff)
			continue;
		isa_gsi[o->irq] = (u8)o->gsi;
		/* "conforms to the bus" is edge and high for ISA */
		set_trigger(d, (o->flags & INTI_TRIGGER) == INTI_LEVEL, (o->flags & INTI_POLARITY) == INTI_LOW);
	}
}

/* How many GSIs there are: needed before the descriptors exist. */
init_fn unsigned int ioapic_map(void)
{
	unsigned int end = NR_LEGACY_IRQS;

	for (u32 i = 0; i < machine.madt.nr_ioapics; i++) {
		struct ioapic *a = &ioapic[nr_ioapics];

		a->base = machine.madt.ioapic[i].addr;
		a->regs = device_map(a->base, PAGE_SIZE);
		a->gsi_base = machine.madt.ioapic[i].gsi_base;
		if (!a->regs)
			continue;
		a->pins = (read_reg(a, IOAPIC_VERSION) >> 16 & 0xff) + 1;
		if (a->gsi_base > 4096 || a->pins > 240)
			continue;
		end = max(end, a->gsi_base + a->pins);
		nr_ioapics++;
	}
	return end;
}

init_fn void ioapic_init(void)
{
	shadow = hv_new_array(u64, nr_irqs_gsi);
	if (!shadow)
		panic("No memory for the IO-APICs' tables");
	for (unsigned int gsi = 0; gsi < nr_irqs_gsi; gsi++) {
		struct irq_desc *d = irq_to_desc(gsi);

		if (!of_gsi(gsi))
			continue;
		shadow[gsi] = 0;
		write_entry(gsi, REDIR_MASKED);
		/* ISA's are edge and high, PCI's level and low until Domain 0 knows better. */
		set_trigger(d, gsi >= NR_LEGACY_IRQS, gsi >= NR_LEGACY_IRQS);
	}
	apply_overrides();
	printk("IO-APICs: %u with GSIs below %u\n", nr_ioapics, nr_irqs_gsi);
}

void ioapic_hand_over(void)
{
	for (unsigned int i = 0; i < nr_ioapics; i++)
		for (unsigned int pin = 0; pin < ioapic[i].pins; pin++)
			write_reg(&ioapic[i], IOAPIC_REDIR(pin), REDIR_MASKED);
}

static const struct ioapic *by_base(paddr_t base)
{
	for (unsigned int i = 0; i < nr_ioapics; i++)
		if (ioapic[i].base == base)
			return &ioapic[i];
	return NULL;
}

int ioapic_guest_read(paddr_t base, u32 reg, u32 *v)
{
	const struct ioapic *a = by_base(base);
	unsigned long flags;

	if (!a || reg > 0xff)
		return -EINVAL;
	flags = spin_lock_irqsave(&ioapic_lock);
	*v = read_reg(a, reg);
	spin_unlock_irqrestore(&ioapic_lock, flags);
	return 0;
}

/* Old Domain 0 kernels program pins this way; only trigger and polarity are theirs to choose. */
int ioapic_guest_write(paddr_t base, u32 reg, u32 v)
{
	const struct ioapic *a = by_base(base);

	if (!a || reg > 0xff)
		return -EINVAL;
	if (reg < IOAPIC_REDIR(0) || reg & 1)
		return 0;
	if ((reg - IOAPIC_REDIR(0)) / 2 >= a->pins || v & REDIR_MASKED)
		return 0;
	return ioapic_setup_gsi(a->gsi_base + (reg - IOAPIC_REDIR(0)) / 2, v & REDIR_LEVEL, v & REDIR_LOW);
}

bool apic_owns_frame(mfn_t f)
{
	if (mfn_eq(f, paddr_to_mfn(machine.madt.lapic_addr)))
		return true;
	for (unsigned int i = 0; i < nr_ioapics; i++)
		if (mfn_eq(f, paddr_to_mfn(ioapic[i].base)))
			return true;
	return false;
}
