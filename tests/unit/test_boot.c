// SPDX-License-Identifier: GPL-2.0-only
/* What firmware and loader hand over, sane and not: memory maps, ACPI tables, the command line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "fake/fake.h"
#include <hv/boot.h>
#include <hv/cmdline.h>
#include <hv/lib.h>
#include <x86/acpi_tables.h>

/* ---- memory maps ---- */

static void check_map(const struct e820_map *m)
{
	for (u32 i = 0; i < m->nr; i++) {
		assert_true(m->e[i].size > 0);
		assert_true(m->e[i].addr + m->e[i].size > m->e[i].addr);
		if (i)
			assert_true(m->e[i - 1].addr + m->e[i - 1].size <= m->e[i].addr);
	}
}

static void e820_overlaps(void **s)
{
	static struct e820_map m = { 6, {
		{ 0x100000, 0x7ff00000, E820_RAM },
		{ 0, 0xa0000, E820_RAM },
		{ 0x9fc00, 0x400, E820_RESERVED },
		{ 0x70000000, 0x1000, E820_ACPI },
		{ 0x70000800, 0x1000, E820_NVS },
		{ 0x5000, 0, E820_RESERVED },
	} };

	assert_true(e820_sanitise(&m));
	check_map(&m);
	assert_int_equal(m.nr, 6);
	assert_int_equal(m.e[0].size, 0x9fc00);
	assert_int_equal(m.e[1].type, E820_RESERVED);
	assert_int_equal(m.e[3].type, E820_ACPI);
	assert_int_equal(m.e[3].size, 0x800);
	assert_int_equal(m.e[4].type, E820_NVS);
	assert_int_equal(m.e[5].addr + m.e[5].size, 0x80000000);
	assert_true(e820_range_is(&m, 0x100000, 0x70000000, E820_RAM));
	assert_false(e820_range_is(&m, 0x100000, 0x70000001, E820_RAM));
	assert_false(e820_range_is(&m, 0x9f000, 0xa0000, E820_RAM));
	assert_false(e820_range_is(&m, 0xa0000, 0xa1000, E820_RESERVED));	/* a hole */
}

static void e820_absurd(void **s)
{
	static struct e820_map m;

	m.nr = 0;
	assert_false(e820_sanitise(&m));
	m = (struct e820_map){ 3, { { ~0ULL - 5, 100, E820_RAM }, { 0x1000, ~0ULL, E820_RAM }, { 0, 0x1000, 0 } } };
	assert_true(e820_sanitise(&m));
	check_map(&m);
	assert_int_equal(m.e[m.nr - 1].addr + m.e[m.nr - 1].size, 1ULL << 52);
	srand(1);
	for (int round = 0; round < 300; round++) {
		m.nr = (u32)rand() % (BOOT_MAX_E820 + 1);
		for (u32 i = 0; i < m.nr; i++)
			m.e[i] = (struct e820_entry){ (u64)rand() % 64 << 12, (u64)rand() % 16 << 12, (u32)rand() % 8 };
		e820_sanitise(&m);
		check_map(&m);
	}
}

/* ---- ACPI ---- */

struct buf { u8 b[4096]; size_t n; };

static void put(struct buf *t, const void *p, size_t n)
{
	memcpy(t->b + t->n, p, n);
	t->n += n;
	((struct acpi_header *)t->b)->length = (u32)t->n;
}
#define PUT(t, ...) put(t, (const u8[]){ __VA_ARGS__ }, sizeof((const u8[]){ __VA_ARGS__ }))

static struct acpi_header *begin(struct buf *t, const char *sig, size_t fixed)
{
	memset(t, 0, sizeof(*t));
	memcpy(t->b, sig, 4);
	t->n = fixed;
	((struct acpi_header *)t->b)->length = (u32)fixed;
	return (struct acpi_header *)t->b;
}

static void madt(void **s)
{
	static struct buf t;
	static struct madt_info m;
	struct acpi_header *h = begin(&t, "APIC", 44);

	t.b[36] = 0; t.b[38] = 0xe0; t.b[39] = 0xfe; t.b[40] = 1;
	PUT(&t, 0, 8, 0, 0, 1, 0, 0, 0);			/* CPU 0 */
	PUT(&t, 0, 8, 1, 2, 1, 0, 0, 0);			/* acpi 1, apic 2 */
	PUT(&t, 0, 8, 2, 3, 0, 0, 0, 0);			/* disabled */
	PUT(&t, 0, 8, 9, 2, 1, 0, 0, 0);			/* apic 2 once more */
	PUT(&t, 9, 16, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0);	/* x2APIC id 256 */
	PUT(&t, 1, 12, 5, 0, 0, 0, 0xc0, 0xfe, 0, 0, 0, 0);
	PUT(&t, 2, 10, 0, 9, 9, 0, 0, 0, 13, 0);
	PUT(&t, 4, 6, 0xff, 0, 0, 1);
	assert_true(madt_parse(h, &m));
	assert_int_equal(m.nr_cpus, 3);
	assert_int_equal(m.nr_disabled, 1);
	assert_int_equal(m.cpu[1].apic_id, 2);
	assert_int_equal(m.cpu[2].apic_id, 256);
	assert_int_equal(m.cpu[2].acpi_id, 7);
	assert_int_equal(m.lapic_addr, 0xfee00000);
	assert_int_equal(m.ioapic[0].addr, 0xfec00000);
	assert_int_equal(m.override[0].gsi, 9);
	assert_int_equal(m.override[0].flags, 13);
	assert_int_equal(m.nmi[0].acpi_id, ~0U);

	/* A record that runs over the end, and one of no length: what came before stands. */
	PUT(&t, 0, 8, 3, 9, 1);
	assert_false(madt_parse(h, &m));
	assert_int_equal(m.nr_cpus, 3);
	h->length -= 5;
	t.n -= 5;
	PUT(&t, 0, 0, 1, 1, 1, 1);
	assert_false(madt_parse(h, &m));
}

static void garbage(void **s)
{
	static struct madt_info m;
	static struct srat_info sr;
	struct fadt_info f;
	struct hpet_info hp;
	struct mcfg_entry mc[4];
	u8 a, b;

	srand(2);
	for (int round = 0; round < 20000; round++) {
		size_t len = 36 + (size_t)rand() % 300;
		/* Exactly as long as it says, so that reading past it is caught. */
		u8 *p = malloc(len);
		struct acpi_header *h = (struct acpi_header *)p;

		for (size_t i = 0; i < len; i++)
			p[i] = (u8)(rand() % 3 ? rand() % 20 : rand());
		h->length = (u32)len;
		madt_parse(h, &m);
		assert_true(m.nr_cpus <= NR_CPUS && m.nr_ioapics <= MAX_IOAPICS && m.nr_overrides <= MAX_OVERRIDES);
		srat_parse(h, &sr);
		assert_true(sr.nr_mem <= MAX_SRAT_MEM && sr.nr_cpu <= NR_CPUS);
		fadt_parse(h, &f);
		hpet_parse(h, &hp);
		assert_true(mcfg_parse(h, mc, 4) <= 4);
		dsdt_find_s5(p, len, &a, &b);
		free(p);
	}
}

static void tables(void **s)
{
	static struct buf t;
	static struct srat_info sr;
	struct acpi_header *h = begin(&t, "SRAT", 48);
	struct mcfg_entry mc[2];
	struct hpet_info hp;
	struct fadt_info f;

	h->revision = 1;
	PUT(&t, 0, 16, 1, 4, 1, 0, 0, 0, 0, 9, 9, 9, 0, 0, 0, 0);	/* high bytes mean nothing in revision 1 */
	PUT(&t, 1, 40, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0, 0x20, 0, 0, 0, 0,
	    0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	assert_true(srat_parse(h, &sr));
	assert_int_equal(sr.cpu[0].pxm, 1);
	assert_int_equal(sr.cpu[0].apic_id, 4);
	assert_int_equal(sr.mem[0].pxm, 1);
	assert_int_equal(sr.mem[0].start, 0x40000000);
	assert_int_equal(sr.mem[0].len, 0x20000000);

	h = begin(&t, "MCFG", 44);
	PUT(&t, 0, 0, 0, 0xb0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0, 0, 0, 0);
	PUT(&t, 0, 0, 0, 0xb0, 0, 0, 0, 0, 0, 0, 9, 3, 0, 0, 0, 0);	/* buses backwards */
	assert_int_equal(mcfg_parse(h, mc, 2), 1);
	assert_int_equal(mc[0].base, 0xb0000000);
	assert_int_equal(mc[0].end_bus, 255);

	h = begin(&t, "HPET", 52);
	assert_false(hpet_parse(h, &hp));
	t.b[46] = 0xd0, t.b[47] = 0xfe;
	assert_true(hpet_parse(h, &hp));
	assert_int_equal(hp.addr, 0xfed00000);

	h = begin(&t, "FACP", 244);
	t.b[40] = 0x78, t.b[46] = 9, t.b[64] = 4, t.b[65] = 6, t.b[76] = 8, t.b[77] = 6, t.b[91] = 4;
	t.b[113] = 5;							/* 32-bit timer, reset register */
	t.b[116] = 1, t.b[120] = 0xf9, t.b[121] = 0x0c, t.b[128] = 15;
	assert_true(fadt_parse(h, &f));
	assert_int_equal(f.pm1a_cnt, 0x604);
	assert_int_equal(f.pm_timer, 0x608);
	assert_true(f.pm_timer_32 && f.can_reset);
	assert_int_equal(f.reset.addr, 0xcf9);
	assert_int_equal(f.reset_value, 15);
	assert_int_equal(f.dsdt, 0x78);
	h->length = 100;
	assert_false(fadt_parse(h, &f));
}

static void s5(void **s)
{
	static const u8 aml[] = { 0x10, 0x20, 0x08, '_', 'S', '5', '_', 0x12, 0x07, 0x04, 0x0a, 0x05, 0x0a, 0x07, 0, 0, 0 };
	static const u8 plain[] = { 0x08, '_', 'S', '5', '_', 0x12, 0x06, 0x04, 0x00, 0x01, 0x00, 0x00, 0, 0, 0 };
	static const u8 call[] = { 0x70, '_', 'S', '5', '_', 0x12, 0x06, 0x04, 0x00, 0x01, 0x00, 0x00, 0, 0, 0 };
	u8 a = 9, b = 9;

	assert_true(dsdt_find_s5(aml, sizeof(aml), &a, &b));
	assert_int_equal(a, 5);
	assert_int_equal(b, 7);
	assert_true(dsdt_find_s5(plain, sizeof(plain), &a, &b));
	assert_int_equal(a, 0);
	assert_int_equal(b, 1);
	assert_false(dsdt_find_s5(call, sizeof(call), &a, &b));
}

/* ---- the command line ---- */

static char got_mem[64], got_console[64];
static int mem_calls, noreboot = -1;

int take_mem(const char *v);
int take_mem2(const char *v);
int take_console(const char *v);
int take_noreboot(const char *v);
int take_mem(const char *v) { mem_calls++; strcpy(got_mem, v); return 0; }
int take_mem2(const char *v) { mem_calls++; return 0; }
int take_console(const char *v) { strcpy(got_console, v); return strcmp(v, "bad") ? 0 : -EINVAL; }
int take_noreboot(const char *v) { noreboot = parse_bool(v); return noreboot < 0 ? -EINVAL : 0; }

/* The linker script's array, made by hand. */
__asm__(".section .data.rel.params, \"aw\"\n"
	".globl cmdline_params_start, cmdline_params_end\n"
	".balign 8\n"
	"cmdline_params_start:\n"
	".quad 1f, take_mem, 1f, take_mem2, 2f, take_console, 3f, take_noreboot\n"
	"cmdline_params_end:\n"
	"1: .asciz \"dom0_mem\"\n 2: .asciz \"console\"\n 3: .asciz \"noreboot\"\n .text\n");

static void cmdline(void **s)
{
	fake_reset(1);
	cmdline_parse("dom0_mem=512M,max:1G  console=com1,vga noreboot");
	assert_string_equal(got_mem, "512M,max:1G");
	assert_int_equal(mem_calls, 2);
	assert_string_equal(got_console, "com1,vga");
	assert_int_equal(noreboot, 1);
	assert_string_equal(fake_log, "");

	cmdline_parse("no-noreboot console=\"a b\" -- dom0_mem=1");
	assert_int_equal(noreboot, 0);
	assert_string_equal(got_console, "a b");
	assert_int_equal(mem_calls, 2);

	cmdline_parse("cpufreq=xen");
	assert_non_null(strstr(fake_log, "'cpufreq' changes nothing"));
	cmdline_parse("consle=com1");
	assert_non_null(strstr(fake_log, "'consle' is unknown"));
	cmdline_parse("console=bad");
	assert_non_null(strstr(fake_log, "'console' does not take the value 'bad'"));
	cmdline_parse("");
	cmdline_parse("   ");
	cmdline_parse("=");
	cmdline_parse("\"unclosed quote");
}

static void cmdline_long(void **s)
{
	static char line[8192];

	memset(line, 'x', sizeof(line) - 1);
	cmdline_parse(line);
	memcpy(line, "dom0_mem=", 9);
	/* A value too long for the buffer is cut, not overrun; the handler here has 64 bytes, so do not call it. */
	line[8] = '-';
	cmdline_parse(line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(e820_overlaps), cmocka_unit_test(e820_absurd), cmocka_unit_test(madt),
		cmocka_unit_test(tables), cmocka_unit_test(s5), cmocka_unit_test(garbage),
		cmocka_unit_test(cmdline), cmocka_unit_test(cmdline_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
