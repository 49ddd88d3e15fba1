/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a core of the crashed machine says beside its memory, as ELF notes that the crash kernel finds by the addresses
 * that its loader asked for: of each CPU the registers, of the hypervisor what it is and where Domain 0's frames are
 * listed.
 */
#include <hv/domain.h>
#include <hv/heap.h>
#include <hv/kexec.h>
#include <hv/lib.h>
#include <hv/version.h>
#include <public/elfnote.h>
#include <x86/crash_notes.h>
#include <x86/layout.h>
#include <x86/processor.h>
#include <x86/sections.h>

#define NT_PRSTATUS 1

struct note { u32 name_size, desc_size, type; } packed_struct;

/* struct elf_prstatus of x86-64 (sys/procfs.h), and its general registers in the order of sys/user.h. */
struct prstatus {
	u8 signal_and_times[32];
	u32 pid;
	u8 more_ids_and_times[76];
	u64 r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi, orig_rax;
	u64 rip, cs, rflags, rsp, ss, fs_base, gs_base, ds, es, fs, gs;
	u64 fpvalid;
} packed_struct;
_Static_assert(sizeof(struct prstatus) == 336 && offsetof(struct prstatus, r15) == 112, "the psABI's");

struct crash_regs { u64 cr0, cr2, cr3, cr4; } packed_struct;

/* The texts by their machine addresses. */
struct crash_info {
	u64 major, minor, extra, changeset, compiler, compile_date, compile_time, tainted;
	u64 image, frame_list_list;
} packed_struct;

struct cpu_notes {
	struct note core;
	char core_name[8];
	struct prstatus status;
	struct note xen;
	char xen_name[4];
	struct crash_regs cr;
} packed_struct;

/* The first CPU's have one more. */
struct boot_cpu_notes {
	struct cpu_notes cpu;
	struct note info;
	char info_name[4];
	struct crash_info crash;
} packed_struct;

#define VMCOREINFO_SIZE 1024
struct vmcoreinfo {
	struct note note;
	char name[16];
	char text[VMCOREINFO_SIZE];
} packed_struct;

static struct cpu_notes *notes[NR_CPUS];
static struct boot_cpu_notes *boot_cpu_notes;
static struct vmcoreinfo *vmcoreinfo;

static struct note note_of(u32 name_size, u32 desc_size, u32 type)
{
	return (struct note){ name_size, desc_size, type };
}

static init_fn void fill_cpu_notes(struct cpu_notes *n)
{
	n->core = note_of(sizeof("CORE"), sizeof(n->status), NT_PRSTATUS);
	memcpy(n->core_name, "CORE", sizeof("CORE"));
	n->xen = note_of(sizeof("Xen"), sizeof(n->cr), XEN_ELFNOTE_CRASH_REGS);
	memcpy(n->xen_name, "Xen", sizeof("Xen"));
}

static init_fn void fill_crash_info(struct boot_cpu_notes *n)
{
	n->info = note_of(sizeof("Xen"), sizeof(n->crash), XEN_ELFNOTE_CRASH_INFO);
	memcpy(n->info_name, "Xen", sizeof("Xen"));
	n->crash = (struct crash_info){
		.major = ABI_MAJOR, .minor = ABI_MINOR, .extra = image_to_paddr(ABI_EXTRA_VERSION),
		.changeset = image_to_paddr(""), .compiler = image_to_paddr(BUILT_BY),
		.compile_date = image_to_paddr(""), .compile_time = image_to_paddr(""), .image = image_paddr,
	};
}

/* Names and places of our own structures: what reads the original's by theirs must not take these for them. */
static init_fn void fill_vmcoreinfo(struct vmcoreinfo *v)
{
	int len = snprintf(v->text, sizeof(v->text),
		 "HYPERVISOR=xenolith\nOSRELEASE=%u.%u%s\nPAGESIZE=%lu\n"
		 "NUMBER(image_paddr)=%#lx\nNUMBER(max_page)=%#lx\n"
		 "SYMBOL(image_start)=%lx\nSYMBOL(xenolith_frame_table)=%lx\nSYMBOL(xenolith_domain_ids)=%lx\n"
		 "SIZE(xenolith_page_info)=%lu\nSIZE(xenolith_domain)=%lu\nOFFSET(xenolith_domain.id)=%lu\n"
		 "OFFSET(xenolith_domain.shared_info)=%lu\nOFFSET(xenolith_domain.pages)=%lu\n",
		 ABI_MAJOR, ABI_MINOR, ABI_EXTRA_VERSION, PAGE_SIZE, (unsigned long)image_paddr,
		 (unsigned long)max_page, (unsigned long)image_start, (unsigned long)frame_table,
		 (unsigned long)domain_ids, sizeof(struct page_info), sizeof(struct domain),
		 offsetof(struct domain, id), offsetof(struct domain, shared_info), offsetof(struct domain, pages));

	ASSERT_CHEAP(len > 0 && len < VMCOREINFO_SIZE);
	v->note = note_of(sizeof("VMCOREINFO_XEN"), (u32)len, 0);
	memcpy(v->name, "VMCOREINFO_XEN", sizeof("VMCOREINFO_XEN"));
}

init_fn void crash_notes_init(void)
{
	vmcoreinfo = hv_new(struct vmcoreinfo);
	boot_cpu_notes = hv_new(struct boot_cpu_notes);
	if (!vmcoreinfo || !boot_cpu_notes)
		panic("No memory for the notes of a crash");
	fill_vmcoreinfo(vmcoreinfo);
	fill_crash_info(boot_cpu_notes);
	for (unsigned int cpu = 0; cpu < nr_cpus; cpu++) {
		notes[cpu] = cpu ? hv_new(struct cpu_notes) : &boot_cpu_notes->cpu;
		if (!notes[cpu])
			panic("No memory for the notes of a crash");
		fill_cpu_notes(notes[cpu]);
	}
}

int crash_cpu_notes(int cpu, struct memory_range *r)
{
	if (cpu < 0 || cpu >= NR_CPUS || !notes[cpu])
		return -ERANGE;
	r->start = virt_to_paddr(notes[cpu]);
	r->size = cpu ? sizeof(struct cpu_notes) : sizeof(struct boot_cpu_notes);
	return 0;
}

struct memory_range crash_vmcoreinfo(void)
{
	return (struct memory_range){ virt_to_paddr(vmcoreinfo), sizeof(*vmcoreinfo) };
}

#define SEGMENT_REGISTER(name) ({ u64 v_; __asm__ volatile("movq %%" #name ", %0" : "=r"(v_)); v_; })

void crash_notes_save(unsigned int cpu, const struct cpu_user_regs *r)
{
	struct cpu_notes *n = notes[cpu];
	struct prstatus *p = &n->status;

	/* The first fifteen are the same and in the same order in both. */
	memcpy(&p->r15, &r->r15, offsetof(struct prstatus, orig_rax) - offsetof(struct prstatus, r15));
	p->rip = r->rip;
	p->cs = r->cs;
	p->rflags = r->rflags;
	p->rsp = r->rsp;
	p->ss = r->ss;
	p->fs_base = rdmsr(MSR_FS_BASE);
	p->gs_base = rdmsr(MSR_GS_BASE);
	p->ds = SEGMENT_REGISTER(ds);
	p->es = SEGMENT_REGISTER(es);
	p->fs = SEGMENT_REGISTER(fs);
	p->gs = SEGMENT_REGISTER(gs);
	p->pid = cpu;
	n->cr = (struct crash_regs){ read_cr0(), read_cr2(), read_cr3(), read_cr4() };
}

void crash_notes_finish(void)
{
	if (hardware_domain)
		boot_cpu_notes->crash.frame_list_list = hardware_domain->shared_info->arch.pfn_to_mfn_frame_list_list;
}
