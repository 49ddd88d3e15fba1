/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * MSI and MSI-X. The address and data that a device writes select CPU and vector, so that they are the
 * hypervisor's alone; Domain 0 asks for an entry and gets an IRQ.
 */
#include <hv/heap.h>
#include <hv/lib.h>
#include <hv/list.h>
#include <hv/spinlock.h>
#include <x86/apic.h>
#include <x86/irq.h>
#include <x86/msi.h>
#include <x86/pgtable.h>
#include <x86/processor.h>
#include <x86/smp.h>

/* MSI capability (PCI 3.0 6.8.1) */
#define MSI_FLAGS		2
#define MSI_FLAGS_ENABLE	0x0001
#define MSI_FLAGS_QSIZE		0x0070
#define MSI_FLAGS_64BIT		0x0080
#define MSI_FLAGS_MASKBIT	0x0100
#define MSI_ADDRESS_LO		4
#define MSI_ADDRESS_HI		8
#define MSI_DATA_32		8
#define MSI_DATA_64		12
#define MSI_MASK_32		12
#define MSI_MASK_64		16

/* MSI-X capability and table (6.8.2) */
#define MSIX_FLAGS		2
#define MSIX_FLAGS_QSIZE	0x07ff
#define MSIX_FLAGS_MASKALL	0x4000
#define MSIX_FLAGS_ENABLE	0x8000
#define MSIX_TABLE		4
#define MSIX_PBA		8
#define MSIX_BIR		7
#define MSIX_ENTRY_SIZE		16
#define MSIX_ENTRY_LO		0
#define MSIX_ENTRY_HI		4
#define MSIX_ENTRY_DATA		8
#define MSIX_ENTRY_CTRL		12
#define MSIX_CTRL_MASKED	1

#define MSI_ADDRESS		0xfee00000U	/* SDM 3A 10.11 */
#define MSI_DEST_SHIFT		12

struct pci_dev {
	struct list link;
	pci_sbdf_t sbdf;
	u32 node;
	u8 msi_cap, msix_cap;
	u16 msix_entries;
	u16 msix_used;
	paddr_t table, pba;		/* 0 until known */
	volatile char *table_va;	/* mapped while entries are used */
	struct list descs;
};

struct msi_desc {
	struct list link;
	struct pci_dev *dev;
	u32 irq;
	u16 entry;
	bool msix, has_mask, wide;
	u8 pos;				/* of the capability */
};

static struct list devices = LIST_INIT(devices);
/* pcidev_lock: the list, devices and their descriptors. Outside LOCK_IRQ. */
static spinlock_t pcidev_lock = SPINLOCK_INIT(LOCK_PORT);

void mmio_ro_add(paddr_t start, paddr_t end)
{
	rangesets_init();
	if (!mmio_ro_ranges || rangeset_add_range(mmio_ro_ranges, start >> PAGE_SHIFT, (end - 1) >> PAGE_SHIFT))
		printk(LOG_ERR "No memory to protect device memory at %#lx from Domain 0\n", (unsigned long)start);
}

static struct pci_dev *find_dev(pci_sbdf_t d)
{
	struct pci_dev *p;

	list_for_each(p, &devices, link)
		if (p->sbdf.sbdf == d.sbdf)
			return p;
	return NULL;
}

/* ---- the registers ---- */

static volatile char *msix_entry(const struct msi_desc *m)
{
	return m->dev->table_va + m->entry * MSIX_ENTRY_SIZE;
}

static void set_mask(struct irq_desc *d, bool masked)
{
	const struct msi_desc *m = d->msi;
	unsigned int reg;
	u32 v;

	if (!m || !m->has_mask)
		return;
	if (m->msix) {
		mmio_write32(msix_entry(m) + MSIX_ENTRY_CTRL, masked ? MSIX_CTRL_MASKED : 0);
		(void)mmio_read32(msix_entry(m) + MSIX_ENTRY_CTRL);	/* posted writes are out after a read */
		return;
	}
	reg = m->pos + (m->wide ? MSI_MASK_64 : MSI_MASK_32);
	v = pci_read32(m->dev->sbdf, reg);
	pci_write32(m->dev->sbdf, reg, masked ? v | 1 : v & ~1U);
}

static void write_message(const struct irq_desc *d)
{
	const struct msi_desc *m = d->msi;
	u32 id = cpu_apicid[cpumask_first(&d->cpus)];
	u32 lo = MSI_ADDRESS | (id & 0xff) << MSI_DEST_SHIFT, data = (u8)d->vector;

	if (m->msix) {
		mmio_write32(msix_entry(m) + MSIX_ENTRY_LO, lo);
		mmio_write32(msix_entry(m) + MSIX_ENTRY_HI, 0);
		mmio_write32(msix_entry(m) + MSIX_ENTRY_DATA, data);
		return;
	}
	pci_write32(m->dev->sbdf, m->pos + MSI_ADDRESS_LO, lo);
	if (m->wide)
		pci_write32(m->dev->sbdf, m->pos + MSI_ADDRESS_HI, 0);
	pci_write16(m->dev->sbdf, m->pos + (m->wide ? MSI_DATA_64 : MSI_DATA_32), (u16)data);
}

static void enable_device(const struct msi_desc *m, bool on)
{
	unsigned int reg = m->pos + (m->msix ? MSIX_FLAGS : MSI_FLAGS);
	u16 v = pci_read16(m->dev->sbdf, reg), bit = m->msix ? MSIX_FLAGS_ENABLE : MSI_FLAGS_ENABLE;

	if (!m->msix)
		v &= (u16)~MSI_FLAGS_QSIZE;
	if (m->msix && on)
		v &= (u16)~MSIX_FLAGS_MASKALL;
	pci_write16(m->dev->sbdf, reg, on ? v | bit : v & (u16)~bit);
}

/* ---- as interrupt controller ---- */

static void msi_mask(struct irq_desc *d) { set_mask(d, true); }
static void msi_unmask(struct irq_desc *d) { set_mask(d, false); }
static void msi_ack(struct irq_desc *d) { apic_eoi(); }
static void msi_end(struct irq_desc *d, u8 vector) { }

static unsigned int msi_startup(struct irq_desc *d)
{
	write_message(d);
	set_mask(d, false);
	return 0;
}

static void msi_set_affinity(struct irq_desc *d, const cpumask_t *mask)
{
	bool was_masked = d->status & IRQ_DISABLED;

	/* The message must not be sent half old, half new: masked meanwhile, or of one word that changes. */
	if (!d->msi || (d->msi->has_mask ? assign_irq_vector(d, mask) : move_irq_vector(d, mask)))
		return;
	set_mask(d, true);
	write_message(d);
	set_mask(d, was_masked);
}

static const struct irq_controller msi_controller = {
	.name = "PCI-MSI", .startup = msi_startup, .shutdown = msi_mask, .mask = msi_mask, .unmask = msi_unmask,
	.ack = msi_ack, .end = msi_end, .set_affinity = msi_set_affinity,
};

/* ---- devices ---- */

static paddr_t bar_address(pci_sbdf_t d, unsigned int bir)
{
	u32 lo;

	if (bir > 5)
		return 0;
	lo = pci_read32(d, PCI_BASE_ADDRESS_0 + 4 * bir);
	if (lo & 1 || lo == ~0U)
		return 0;
	if ((lo & 6) != 4)
		return lo & ~15U;
	return bir == 5 ? 0 : (u64)pci_read32(d, PCI_BASE_ADDRESS_0 + 4 * bir + 4) << 32 | (lo & ~15U);
}

/* Finds table and PBA, and keeps Domain 0 from mapping them writable. */
static void protect_msix(struct pci_dev *p)
{
	u32 table = pci_read32(p->sbdf, p->msix_cap + MSIX_TABLE);
	u32 pba = pci_read32(p->sbdf, p->msix_cap + MSIX_PBA);
	paddr_t tb = bar_address(p->sbdf, table & MSIX_BIR), pb = bar_address(p->sbdf, pba & MSIX_BIR);

	if (!tb || !pb)
		return;
	p->table = tb + (table & ~(u32)MSIX_BIR);
	p->pba = pb + (pba & ~(u32)MSIX_BIR);
	mmio_ro_add(p->table, p->table + p->msix_entries * MSIX_ENTRY_SIZE);
	mmio_ro_add(p->pba, p->pba + DIV_ROUND_UP(p->msix_entries, 8));
}

int pci_device_add(pci_sbdf_t d, bool is_virtfn, u32 node)
{
	struct pci_dev *p;
	int rc = 0;

	if (pci_read16(d, PCI_VENDOR_ID) == 0xffff && !is_virtfn)
		return -ENODEV;
	spin_lock(&pcidev_lock);
	p = find_dev(d);
	if (!p && (p = hv_new(struct pci_dev)) != NULL) {
		p->sbdf = d;
		list_init(&p->descs);
		p->msi_cap = (u8)pci_find_cap(d, PCI_CAP_ID_MSI);
		p->msix_cap = (u8)pci_find_cap(d, PCI_CAP_ID_MSIX);
		if (p->msix_cap)
			p->msix_entries = (pci_read16(d, p->msix_cap + MSIX_FLAGS) & MSIX_FLAGS_QSIZE) + 1;
		if (p->msix_cap && !is_virtfn)
			protect_msix(p);
		list_add_tail(&devices, &p->link);
		printk(LOG_DEBUG "PCI: Domain 0 found %04x:%02x:%02x.%u\n", d.sbdf >> 16, d.sbdf >> 8 & 0xff,
		       d.sbdf >> 3 & 31, d.sbdf & 7);
	} else if (!p) {
		rc = -ENOMEM;
	}
	if (p)
		p->node = node;
	spin_unlock(&pcidev_lock);
	return rc;
}

int pci_device_remove(pci_sbdf_t d)
{
	struct pci_dev *p;
	int rc = 0;

	spin_lock(&pcidev_lock);
	p = find_dev(d);
	if (!p)
		rc = -ENODEV;
	else if (!list_empty(&p->descs))
		rc = -EBUSY;
	else
		list_del(&p->link);
	spin_unlock(&pcidev_lock);
	if (!rc)
		hv_free(p);
	return rc;
}

bool pci_device_node(pci_sbdf_t d, u32 *node)
{
	const struct pci_dev *p;

	spin_lock(&pcidev_lock);
	p = find_dev(d);
	if (p)
		*node = p->node;
	spin_unlock(&pcidev_lock);
	return p != NULL;
}

/* ---- set-up: all with pcidev_lock ---- */

static int map_table(struct pci_dev *p, u64 table_base)
{
	size_t len = p->msix_entries * (size_t)MSIX_ENTRY_SIZE;

	if (p->table_va)
		return 0;
	/* BARs may have moved since the device was announced. */
	protect_msix(p);
	/* A virtual function's BARs read as zero; there alone Domain 0's word for the BAR (less flags) counts. */
	if (!p->table && table_base)
		p->table = table_base + (pci_read32(p->sbdf, p->msix_cap + MSIX_TABLE) & ~(u32)MSIX_BIR);
	if (!p->table)
		return -EINVAL;
	mmio_ro_add(p->table, p->table + len);
	p->table_va = ioremap(p->table, len);
	return p->table_va ? 0 : -ENOMEM;
}

static int check_entry(const struct pci_dev *p, bool msix, unsigned int entry)
{
	const struct msi_desc *m;

	if (msix ? !p->msix_cap : !p->msi_cap)
		return -ENODEV;
	if (msix && entry >= p->msix_entries)
		return -EINVAL;
	list_for_each(m, &p->descs, link)
		if (m->msix != msix || !msix || m->entry == entry)
			return -EBUSY;
	return 0;
}

static void fill_desc(struct msi_desc *m, struct pci_dev *p, bool msix, unsigned int entry)
{
	u16 flags;

	m->dev = p;
	m->msix = msix;
	m->entry = (u16)entry;
	m->pos = msix ? p->msix_cap : p->msi_cap;
	if (msix) {
		m->has_mask = true;
		return;
	}
	flags = pci_read16(p->sbdf, m->pos + MSI_FLAGS);
	m->wide = flags & MSI_FLAGS_64BIT;
	m->has_mask = flags & MSI_FLAGS_MASKBIT;
}

static void start_desc(struct msi_desc *m, unsigned int irq)
{
	struct irq_desc *d = irq_to_desc(irq);
	u16 cmd = pci_read16(m->dev->sbdf, PCI_COMMAND);
	unsigned long flags;

	m->irq = irq;
	/* Memory must decode for the table, and INTx keep quiet. */
	pci_write16(m->dev->sbdf, PCI_COMMAND, cmd | PCI_COMMAND_INTX_DISABLE | (m->msix ? PCI_COMMAND_MEMORY : 0));
	flags = spin_lock_irqsave(&d->lock);
	d->msi = m;
	d->hw = &msi_controller;
	set_mask(d, true);
	write_message(d);
	spin_unlock_irqrestore(&d->lock, flags);
	list_add_tail(&m->dev->descs, &m->link);
	if (m->msix)
		m->dev->msix_used++;
	enable_device(m, true);
}

int msi_setup(pci_sbdf_t d, bool msix, unsigned int entry, u64 table_base)
{
	struct msi_desc *m = hv_new(struct msi_desc);
	struct pci_dev *p;
	int rc;

	if (!m)
		return -ENOMEM;
	spin_lock(&pcidev_lock);
	p = find_dev(d);
	rc = p ? check_entry(p, msix, entry) : -ENODEV;
	if (!rc && msix)
		rc = map_table(p, table_base);
	if (!rc)
		rc = create_irq();
	if (rc >= 0) {
		fill_desc(m, p, msix, entry);
		start_desc(m, (unsigned int)rc);
	}
	spin_unlock(&pcidev_lock);
	if (rc < 0)
		hv_free(m);
	return rc;
}

void msi_teardown(unsigned int irq)
{
	struct irq_desc *d = irq_to_desc(irq);
	struct msi_desc *m;
	struct pci_dev *p;
	volatile char *unmap = NULL;

	spin_lock(&pcidev_lock);
	m = d->msi;
	ASSERT_CHEAP(m);
	p = m->dev;
	destroy_irq(irq);
	list_del(&m->link);
	if (!m->msix || !--p->msix_used)
		enable_device(m, false);
	if (m->msix && !p->msix_used) {
		unmap = p->table_va;
		p->table_va = NULL;
	}
	spin_unlock(&pcidev_lock);
	if (unmap)
		iounmap((void *)(unsigned long)unmap);
	hv_free(m);
}

int msi_restore(pci_sbdf_t d)
{
	struct msi_desc *m;
	struct pci_dev *p;

	spin_lock(&pcidev_lock);
	p = find_dev(d);
	if (p)
		list_for_each(m, &p->descs, link) {
			struct irq_desc *irq = irq_to_desc(m->irq);
			unsigned long flags = spin_lock_irqsave(&irq->lock);

			write_message(irq);
			set_mask(irq, irq->status & IRQ_DISABLED);
			spin_unlock_irqrestore(&irq->lock, flags);
			enable_device(m, true);
		}
	spin_unlock(&pcidev_lock);
	return p ? 0 : -ENODEV;
}

int msix_prepare(pci_sbdf_t d, bool off)
{
	struct pci_dev *p;
	int rc = 0;

	spin_lock(&pcidev_lock);
	p = find_dev(d);
	if (!p || !p->msix_cap)
		rc = -ENODEV;
	else if (p->msix_used)
		rc = -EBUSY;
	else if (!off)
		protect_msix(p);
	spin_unlock(&pcidev_lock);
	return rc;
}

/* What follows an MSI capability's control word, by the flags in that (PCI 3.0 figure 6-9). */
static unsigned int msi_cap_size(u16 flags)
{
	unsigned int data = flags & MSI_FLAGS_64BIT ? MSI_DATA_64 : MSI_DATA_32;

	/* Behind the data, one word is reserved; mask and pending bits are two double words. */
	return flags & MSI_FLAGS_MASKBIT ? data + 4 + 8 : data + 2;
}

static bool msi_in_use(const struct pci_dev *p)
{
	const struct msi_desc *m;

	list_for_each(m, &p->descs, link)
		if (!m->msix)
			return true;
	return false;
}

/* Domain 0 may switch on the one MSI that was set up for it. These bits are in the word's first byte. Lock held. */
static u32 filter_msi_control(const struct pci_dev *p, unsigned int reg, u32 v)
{
	u32 not_its = MSI_FLAGS_QSIZE | (msi_in_use(p) ? 0 : MSI_FLAGS_ENABLE);
	unsigned int first = (u32)p->msi_cap + MSI_FLAGS;

	return reg <= first ? v & ~(not_its << (first - reg) * 8) : v;
}

bool msi_allow_config_write(pci_sbdf_t d, unsigned int reg, unsigned int size, u32 *v)
{
	struct pci_dev *p;
	unsigned int cap;
	bool allow = true;

	spin_lock(&pcidev_lock);
	p = find_dev(d);
	cap = p ? p->msi_cap : 0;
	/* Address, data and mask of an MSI are the hypervisor's alone; of the control word some bits are. */
	if (cap && reg + size > cap + MSI_ADDRESS_LO && reg < cap + msi_cap_size(pci_read16(d, cap + MSI_FLAGS)))
		allow = false;
	else if (cap && reg + size > cap + MSI_FLAGS && reg < cap + MSI_ADDRESS_LO)
		*v = filter_msi_control(p, reg, *v);
	spin_unlock(&pcidev_lock);
	return allow;
}
