// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Core dumps of PV guests, in the ELF format of Xen's tools (crash and gdb plug-ins read it):
 * sections of notes, vCPU states, shared info, the pages, and the P2M of those that are there.
 */
#include <elf.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <xen/elfnote.h>

#include "meminfo.h"
#include "stream.h"

enum { SEC_NULL, SEC_SHSTRTAB, SEC_NOTE, SEC_PRSTATUS, SEC_SHARED, SEC_PAGES, SEC_P2M, NR_SECTIONS };

static const char *const section_names[NR_SECTIONS] = {
	"", ".shstrtab", ".note.Xen", ".xen_prstatus", ".xen_shared_info", ".xen_pages", ".xen_p2m",
};

struct dump_p2m {
	uint64_t pfn;
	uint64_t gmfn;
};

struct note_head {
	uint32_t namesz, descsz, type;
	char name[4];
};

struct dump_notes {
	struct note_head none;
	struct note_head header;
	struct {
		uint64_t magic, nr_vcpus, nr_pages, page_size;
	} header_desc;
	struct note_head version;
	struct {
		uint64_t major, minor;
		xen_extraversion_t extra;
		xen_compile_info_t compile;
		xen_capabilities_info_t caps;
		xen_changeset_info_t changeset;
		xen_platform_parameters_t platform;
		uint64_t page_size;
	} version_desc;
	struct note_head format;
	uint64_t format_desc;
} __attribute__((packed));

struct dump {
	xc_interface *xch;
	uint32_t domid;
	dumpcore_rtn_t *out;
	void *arg;
	xc_domaininfo_t info;
	shared_info_t *shared;
	struct pv_p2m p2m;
	unsigned long max_mfn;
	struct dump_p2m *pages; /* those that exist */
	uint64_t nr_pages;
	vcpu_guest_context_any_t *vcpus;
	uint32_t nr_vcpus;
	uint64_t at; /* bytes written */
};

static int put(struct dump *d, const void *data, size_t size)
{
	const char *p = data;

	/* The callback counts in unsigned int. */
	while (size) {
		const unsigned int n = size > 1U << 30 ? 1U << 30 : (unsigned int)size;

		if (d->out(d->xch, d->arg, (char *)(uintptr_t)p, n)) {
			xc_fail(d->xch, XC_INTERNAL_ERROR, "dump of domain %u: cannot write", d->domid);
			return -1;
		}
		p += n;
		size -= n;
		d->at += n;
	}
	return 0;
}

static int put_zeros(struct dump *d, uint64_t upto)
{
	static const char zeros[XC_PAGE_SIZE];

	return put(d, zeros, upto - d->at);
}

static int read_vcpus(struct dump *d)
{
	d->vcpus = calloc(d->info.max_vcpu_id + 1, sizeof(*d->vcpus));
	if (!d->vcpus)
		return -1;
	/* One that is offline has registers as well; one that never ran has none to give. */
	for (uint32_t i = 0; i <= d->info.max_vcpu_id; i++)
		if (!xc_vcpu_getcontext(d->xch, d->domid, i, &d->vcpus[d->nr_vcpus]))
			d->nr_vcpus++;
	if (d->nr_vcpus)
		return 0;
	errno = ENOENT;
	xc_fail(d->xch, XC_INTERNAL_ERROR, "dump of domain %u: no vCPU has run", d->domid);
	return -1;
}

/* Pages that the P2M names and the hypervisor lets us have; the others get no entry. */
static int list_pages(struct dump *d)
{
	xen_pfn_t types[BATCH_PAGES];

	d->pages = malloc((d->p2m.max_pfn + 1) * sizeof(*d->pages));
	if (!d->pages)
		return -1;
	for (uint64_t pfn = 0; pfn <= d->p2m.max_pfn; pfn += BATCH_PAGES) {
		const uint64_t left = d->p2m.max_pfn + 1 - pfn, n = left < BATCH_PAGES ? left : BATCH_PAGES;

		memcpy(types, d->p2m.map + pfn, n * sizeof(types[0]));
		if (xc_get_pfn_type_batch(d->xch, d->domid, (unsigned int)n, types))
			return -1;
		for (uint64_t i = 0; i < n; i++)
			if (d->p2m.map[pfn + i] < d->max_mfn && page_is_present((uint32_t)types[i]))
				d->pages[d->nr_pages++] = (struct dump_p2m){ pfn + i, d->p2m.map[pfn + i] };
	}
	return 0;
}

static struct note_head note(uint32_t type, size_t descsz)
{
	return (struct note_head){ 4, (uint32_t)descsz, type, "Xen" };
}

static void fill_notes(struct dump *d, struct dump_notes *n)
{
	const int version = xc_version(d->xch, XENVER_version, NULL);

	memset(n, 0, sizeof(*n));
	n->none = note(XEN_ELFNOTE_DUMPCORE_NONE, 0);
	n->header = note(XEN_ELFNOTE_DUMPCORE_HEADER, sizeof(n->header_desc));
	n->header_desc.magic = XC_CORE_MAGIC;
	n->header_desc.nr_vcpus = d->nr_vcpus;
	n->header_desc.nr_pages = d->nr_pages;
	n->header_desc.page_size = XC_PAGE_SIZE;
	n->version = note(XEN_ELFNOTE_DUMPCORE_XEN_VERSION, sizeof(n->version_desc));
	n->version_desc.major = (uint64_t)version >> 16 & 0xffff;
	n->version_desc.minor = (uint64_t)version & 0xffff;
	xc_version(d->xch, XENVER_extraversion, &n->version_desc.extra);
	xc_version(d->xch, XENVER_compile_info, &n->version_desc.compile);
	xc_version(d->xch, XENVER_capabilities, &n->version_desc.caps);
	xc_version(d->xch, XENVER_changeset, &n->version_desc.changeset);
	xc_version(d->xch, XENVER_platform_parameters, &n->version_desc.platform);
	n->version_desc.page_size = XC_PAGE_SIZE;
	n->format = note(XEN_ELFNOTE_DUMPCORE_FORMAT_VERSION, sizeof(n->format_desc));
	n->format_desc = 1; /* 0.1 */
}

static void fill_sections(struct dump *d, Elf64_Shdr *s, char *names, size_t *names_size)
{
	const size_t sizes[NR_SECTIONS] = {
		[SEC_NOTE] = sizeof(struct dump_notes),
		[SEC_PRSTATUS] = d->nr_vcpus * sizeof(vcpu_guest_context_x86_64_t),
		[SEC_SHARED] = XC_PAGE_SIZE,
		[SEC_P2M] = d->nr_pages * sizeof(*d->pages),
		[SEC_PAGES] = d->nr_pages << XC_PAGE_SHIFT,
	};
	const size_t entries[NR_SECTIONS] = {
		[SEC_PRSTATUS] = sizeof(vcpu_guest_context_x86_64_t),
		[SEC_SHARED] = XC_PAGE_SIZE,
		[SEC_P2M] = sizeof(*d->pages),
		[SEC_PAGES] = XC_PAGE_SIZE,
	};
	uint64_t at = sizeof(Elf64_Ehdr) + NR_SECTIONS * sizeof(*s);
	size_t name_at = 0;

	memset(s, 0, NR_SECTIONS * sizeof(*s));
	for (int i = 0; i < NR_SECTIONS; i++) {
		const uint64_t align = i == SEC_PAGES ? XC_PAGE_SIZE : 8;

		s[i].sh_name = (Elf64_Word)name_at;
		name_at += (size_t)sprintf(names + name_at, "%s", section_names[i]) + 1;
		if (i < SEC_NOTE)
			continue;
		s[i].sh_type = i == SEC_NOTE ? SHT_NOTE : SHT_PROGBITS;
		s[i].sh_addralign = i == SEC_NOTE ? 0 : align;	/* 0 is what the tools of 4.17 write there */
		at = (at + align - 1) & ~(align - 1);
		s[i].sh_offset = at;
		s[i].sh_size = sizes[i];
		s[i].sh_entsize = entries[i];
		at += sizes[i];
	}
	s[SEC_SHSTRTAB].sh_type = SHT_STRTAB;
	s[SEC_SHSTRTAB].sh_offset = at;
	s[SEC_SHSTRTAB].sh_size = name_at;
	*names_size = name_at;
}

static int put_pages(struct dump *d)
{
	xen_pfn_t frames[BATCH_PAGES];

	for (uint64_t at = 0; at < d->nr_pages; at += BATCH_PAGES) {
		const uint64_t left = d->nr_pages - at, n = left < BATCH_PAGES ? left : BATCH_PAGES;
		char *map;
		int rc;

		for (uint64_t i = 0; i < n; i++)
			frames[i] = d->pages[at + i].gmfn;
		map = xenforeignmemory_map(d->xch->fmem, d->domid, PROT_READ, n, frames, NULL);
		if (!map) {
			xc_fail(d->xch, XC_INTERNAL_ERROR, "dump of domain %u: cannot map its memory", d->domid);
			return -1;
		}
		rc = put(d, map, n << XC_PAGE_SHIFT);
		munmap(map, n << XC_PAGE_SHIFT);
		if (rc)
			return -1;
	}
	return 0;
}

static int put_all(struct dump *d)
{
	Elf64_Ehdr eh = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT, ELFOSABI_SYSV,
			     EV_CURRENT },
		.e_type = ET_CORE, .e_machine = EM_X86_64, .e_version = EV_CURRENT, .e_shoff = sizeof(eh),
		.e_ehsize = sizeof(eh), .e_phentsize = sizeof(Elf64_Phdr), .e_shentsize = sizeof(Elf64_Shdr), .e_shnum = NR_SECTIONS,
		.e_shstrndx = SEC_SHSTRTAB,
	};
	struct dump_notes notes;
	Elf64_Shdr s[NR_SECTIONS];
	char names[256];
	size_t names_size;

	fill_notes(d, &notes);
	fill_sections(d, s, names, &names_size);
	if (put(d, &eh, sizeof(eh)) || put(d, s, sizeof(s)) || put_zeros(d, s[SEC_NOTE].sh_offset) ||
	    put(d, &notes, sizeof(notes)) || put_zeros(d, s[SEC_PRSTATUS].sh_offset))
		return -1;
	for (uint32_t i = 0; i < d->nr_vcpus; i++)
		if (put(d, &d->vcpus[i].x64, sizeof(d->vcpus[i].x64)))
			return -1;
	if (put_zeros(d, s[SEC_SHARED].sh_offset) || put(d, d->shared, XC_PAGE_SIZE) ||
	    put_zeros(d, s[SEC_PAGES].sh_offset) || put_pages(d) ||
	    put(d, d->pages, d->nr_pages * sizeof(*d->pages)))
		return -1;
	return put(d, names, names_size);
}

static int dump_open(struct dump *d)
{
	if (xc_domain_getinfolist(d->xch, d->domid, 1, &d->info) != 1 || d->info.domain != d->domid) {
		errno = ESRCH;
		return -1;
	}
	if (d->info.flags & XEN_DOMINF_hvm_guest) {
		errno = EOPNOTSUPP;
		xc_fail(d->xch, XC_INVALID_PARAM, "HVM and PVH guests cannot be dumped yet");
		return -1;
	}
	d->shared = xc_map_foreign_range(d->xch, d->domid, XC_PAGE_SIZE, PROT_READ, d->info.shared_info_frame);
	if (!d->shared || xc_maximum_ram_page(d->xch, &d->max_mfn) ||
	    pv_p2m_map(d->xch, &d->info, d->shared, &d->p2m) || read_vcpus(d))
		return -1;
	return list_pages(d);
}

int xc_domain_dumpcore_via_callback(xc_interface *xch, uint32_t domid, void *arg, dumpcore_rtn_t dump_rtn)
{
	struct dump d = { .xch = xch, .domid = domid, .out = dump_rtn, .arg = arg };
	int rc = dump_open(&d) || put_all(&d) ? -1 : 0;
	const int saved = errno;

	pv_p2m_unmap(xch, &d.p2m);
	if (d.shared)
		munmap(d.shared, XC_PAGE_SIZE);
	free(d.pages);
	free(d.vcpus);
	errno = saved;
	return rc;
}

static int to_file(xc_interface *xch, void *arg, char *buffer, unsigned int length)
{
	return write_exact(*(int *)arg, buffer, length);
}

int xc_domain_dumpcore(xc_interface *xch, uint32_t domid, const char *corename)
{
	int fd = open(corename, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
	struct stat st;
	bool is_file;
	int rc, saved;

	if (fd < 0) {
		xc_fail(xch, XC_INTERNAL_ERROR, "cannot create %s", corename);
		return -1;
	}
	is_file = !fstat(fd, &st) && S_ISREG(st.st_mode);
	rc = xc_domain_dumpcore_via_callback(xch, domid, &fd, to_file);
	saved = errno;
	if (close(fd) && !rc) {
		rc = -1;
		saved = errno;
	}
	/* Never a device that was named for it. */
	if (rc && is_file)
		unlink(corename);
	errno = saved;
	return rc;
}
