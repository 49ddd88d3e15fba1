/* SPDX-License-Identifier: GPL-2.0-only */
#include <hv/lib.h>
#include <x86/acpi_tables.h>

/* Unaligned little-endian field at @off of @t, 0 past its end. */
static u64 field(const struct acpi_header *t, size_t off, size_t size)
{
	u64 v = 0;

	if (off + size <= t->length)
		memcpy(&v, (const u8 *)t + off, size);
	return v;
}

bool acpi_checksum_ok(const void *p, size_t len)
{
	const u8 *b = p;
	u8 sum = 0;

	for (size_t i = 0; i < len; i++)
		sum = (u8)(sum + b[i]);
	return sum == 0;
}

/* Steps through type/length records; NULL at the end, *ok false when one does not fit. */
static const u8 *next_record(const struct acpi_header *t, size_t *off, bool *ok)
{
	const u8 *r = (const u8 *)t + *off;

	if (*off == t->length)
		return NULL;
	if (*off + 2 > t->length || r[1] < 2 || r[1] > t->length - *off) {
		*ok = false;
		return NULL;
	}
	*off += r[1];
	return r;
}

static u64 get(const u8 *r, size_t off, size_t size)
{
	u64 v = 0;

	if (off + size <= r[1])
		memcpy(&v, r + off, size);
	return v;
}

/* ACPI 6.4 5.2.12 */
enum { MADT_LAPIC = 0, MADT_IOAPIC = 1, MADT_OVERRIDE = 2, MADT_LAPIC_NMI = 4, MADT_LAPIC_ADDR = 5,
	MADT_X2APIC = 9, MADT_X2APIC_NMI = 10 };

static void add_cpu(struct madt_info *out, u32 apic_id, u32 acpi_id, u32 flags)
{
	if (!(flags & 1)) {
		out->nr_disabled++;
		return;
	}
	for (u32 i = 0; i < out->nr_cpus; i++)
		if (out->cpu[i].apic_id == apic_id)
			return;
	if (out->nr_cpus < NR_CPUS)
		out->cpu[out->nr_cpus++] = (struct madt_cpu){ apic_id, acpi_id };
}

static void madt_record(struct madt_info *out, const u8 *r)
{
	switch (r[0]) {
	case MADT_LAPIC:
		if (r[1] >= 8 && r[3] != 0xff)
			add_cpu(out, r[3], r[2], (u32)get(r, 4, 4));
		break;
	case MADT_X2APIC:
		if (r[1] >= 16)
			add_cpu(out, (u32)get(r, 4, 4), (u32)get(r, 12, 4), (u32)get(r, 8, 4));
		break;
	case MADT_IOAPIC:
		if (r[1] >= 12 && out->nr_ioapics < MAX_IOAPICS)
			out->ioapic[out->nr_ioapics++] =
				(struct madt_ioapic){ r[2], (u32)get(r, 4, 4), (u32)get(r, 8, 4) };
		break;
	case MADT_OVERRIDE:
		if (r[1] >= 10 && r[3] < 16 && out->nr_overrides < MAX_OVERRIDES)
			out->override[out->nr_overrides++] =
				(struct madt_override){ r[3], (u32)get(r, 4, 4), (u16)get(r, 8, 2) };
		break;
	case MADT_LAPIC_NMI:
		if (r[1] >= 6 && out->nr_nmis < ARRAY_SIZE(out->nmi))
			out->nmi[out->nr_nmis++] =
				(struct madt_nmi){ r[2] == 0xff ? ~0U : r[2], (u16)get(r, 3, 2), r[5] };
		break;
	case MADT_X2APIC_NMI:
		if (r[1] >= 12 && out->nr_nmis < ARRAY_SIZE(out->nmi))
			out->nmi[out->nr_nmis++] =
				(struct madt_nmi){ (u32)get(r, 4, 4), (u16)get(r, 2, 2), r[8] };
		break;
	case MADT_LAPIC_ADDR:
		if (r[1] >= 12)
			out->lapic_addr = get(r, 4, 8);
		break;
	}
}

bool madt_parse(const struct acpi_header *t, struct madt_info *out)
{
	size_t off = 44;
	bool ok = true;
	const u8 *r;

	*out = (struct madt_info){ 0 };
	if (t->length < off)
		return false;
	out->lapic_addr = field(t, 36, 4);
	out->has_pic = field(t, 40, 4) & 1;
	while ((r = next_record(t, &off, &ok)) != NULL)
		madt_record(out, r);
	return ok;
}

/* ACPI 6.4 5.2.9: the 64-bit twin of a field wins where it is not zero. */
static u64 port_of(const struct acpi_header *t, size_t old, size_t xfield)
{
	struct acpi_gas g = { 0 };

	if (xfield + sizeof(g) <= t->length) {
		memcpy(&g, (const u8 *)t + xfield, sizeof(g));
		if (g.space == 1 && g.addr && g.addr <= 0xffff)
			return g.addr;
	}
	return field(t, old, 4);
}

bool fadt_parse(const struct acpi_header *t, struct fadt_info *out)
{
	u32 flags;

	*out = (struct fadt_info){ 0 };
	if (t->length < 116)
		return false;
	flags = (u32)field(t, 112, 4);
	out->sci = (u16)field(t, 46, 2);
	out->pm1a_evt = (u16)port_of(t, 56, 148);
	out->pm1b_evt = (u16)port_of(t, 60, 160);
	out->pm1a_cnt = (u16)port_of(t, 64, 172);
	out->pm1b_cnt = (u16)port_of(t, 68, 184);
	out->pm_timer = (u16)port_of(t, 76, 208);
	if (field(t, 91, 1) != 4)
		out->pm_timer = 0;
	out->pm_timer_32 = flags & 1U << 8;
	out->can_reset = flags & 1U << 10 && t->length >= 129;
	if (out->can_reset)
		memcpy(&out->reset, (const u8 *)t + 116, sizeof(out->reset));
	out->reset_value = (u8)field(t, 128, 1);
	out->dsdt = field(t, 140, 8);
	if (!out->dsdt)
		out->dsdt = field(t, 40, 4);
	out->boot_flags = (u16)field(t, 109, 2);
	return true;
}

bool hpet_parse(const struct acpi_header *t, struct hpet_info *out)
{
	/* IA-PC HPET 1.0a 3.2.4: address structure at 40, memory space only. */
	if (t->length < 52 || field(t, 40, 1) != 0)
		return false;
	out->addr = field(t, 44, 8);
	return out->addr != 0;
}

u32 mcfg_parse(const struct acpi_header *t, struct mcfg_entry *out, u32 max)
{
	u32 n = 0;

	for (size_t off = 44; off + 16 <= t->length && n < max; off += 16) {
		out[n] = (struct mcfg_entry){ field(t, off, 8), (u16)field(t, off + 8, 2),
					      (u8)field(t, off + 10, 1), (u8)field(t, off + 11, 1) };
		if (out[n].base && out[n].start_bus <= out[n].end_bus && IS_ALIGNED(out[n].base, 1ULL << 20))
			n++;
	}
	return n;
}

/* ACPI 6.4 5.2.16 */
enum { SRAT_CPU = 0, SRAT_MEMORY = 1, SRAT_X2APIC = 2 };

static void srat_cpu(struct srat_info *out, u32 pxm, u32 apic_id)
{
	if (out->nr_cpu < NR_CPUS) {
		out->cpu[out->nr_cpu].pxm = pxm;
		out->cpu[out->nr_cpu++].apic_id = apic_id;
	}
}

bool srat_parse(const struct acpi_header *t, struct srat_info *out)
{
	size_t off = 48;
	bool ok = true;
	const u8 *r;

	*out = (struct srat_info){ 0 };
	if (t->length < off)
		return false;
	while ((r = next_record(t, &off, &ok)) != NULL) {
		if (r[0] == SRAT_CPU && r[1] >= 16 && r[4] & 1)
			srat_cpu(out, r[2] | (t->revision >= 2 ? (u32)r[9] << 8 | (u32)r[10] << 16 |
					      (u32)r[11] << 24 : 0), r[3]);
		else if (r[0] == SRAT_X2APIC && r[1] >= 24 && get(r, 12, 4) & 1)
			srat_cpu(out, (u32)get(r, 4, 4), (u32)get(r, 8, 4));
		else if (r[0] == SRAT_MEMORY && r[1] >= 40 && get(r, 28, 4) & 1 && get(r, 16, 8) &&
			 out->nr_mem < MAX_SRAT_MEM)
			out->mem[out->nr_mem++] = (struct srat_mem){
				(u32)get(r, 2, 4) & (t->revision >= 2 ? ~0U : 0xff), get(r, 8, 8), get(r, 16, 8) };
	}
	return ok;
}

/* An AML byte-sized integer (ACPI 6.4 20.2.3): prefix and value, or ZeroOp, OneOp. */
static bool aml_byte(const u8 **p, const u8 *end, u8 *v)
{
	if (*p >= end)
		return false;
	if (**p == 0x0a) {
		if (*p + 1 >= end)
			return false;
		*v = (*p)[1];
		*p += 2;
		return true;
	}
	if (**p > 1)
		return false;
	*v = *(*p)++;
	return true;
}

bool dsdt_find_s5(const u8 *aml, size_t len, u8 *typ_a, u8 *typ_b)
{
	for (size_t i = 1; i + 8 < len; i++) {
		const u8 *p = aml + i + 4, *end = aml + len;

		/* NameOp, perhaps a root prefix, the name, PackageOp, its length, the element count */
		if (memcmp(aml + i, "_S5_", 4) || (aml[i - 1] != 0x08 && aml[i - 1] != '\\') || *p != 0x12)
			continue;
		p += 2 + (p[1] >> 6);
		if (p >= end)
			continue;
		p++;
		if (aml_byte(&p, end, typ_a) && aml_byte(&p, end, typ_b))
			return true;
	}
	return false;
}
