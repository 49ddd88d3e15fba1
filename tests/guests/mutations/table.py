# SPDX-License-Identifier: GPL-2.0-only
"""Checks that attacks aim at, and the edits that take them away: M(attack, file, old text, new text, ...).

The texts are literal and must occur exactly once in hypervisor/FILE.  More (file, old, new) triples follow
where a check stands twice.  BASE is done to every build: a first domain without privileges, which boots in a
second, stands for any domain, and beside it there is one that never runs, with a page, a port and a grant that
are for others.  IN_BOCHS are attacks that only Bochs' CPU shows.  WITHOUT says why an attack has no row here.
"""

BASE = [
    ("domain/domain.c", "d->is_privileged = d->is_hardware = privileged;", "d->is_privileged = d->is_hardware = false;"),
    ("pv/dom0_build.c", ".max_maptrack_frames = -1", ".max_maptrack_frames = 64"),
    ("evtchn/bind.c", "static always_inline long alloc_unbound_in(", "long alloc_unbound_in("),
    ("pv/dom0_build.c", "#include <hv/elf.h>\n", "#include <hv/elf.h>\n#include <hv/event.h>\n#include <hv/grant.h>\n"
     "#include <public/grant_table.h>\nlong alloc_unbound_in(struct domain *d, struct evtchn_alloc_unbound *op);\n"),
    ("pv/dom0_build.c", "if (dom0_permissions(b->d))", """\
	{
		struct domain *second = domain_create(1, &cfg, false, &err);
		struct evtchn_alloc_unbound port = { .remote_dom = 77 };
		volatile grant_entry_v1_t *e;
		struct page_info *pg;
		mfn_t m;

		BUG_ON(!second);
		second->max_pages = 4;
		pg = alloc_domheap_pages(second, 0, 0);
		BUG_ON(!pg || gnttab_get_shared_frame(second, 0, &m) || alloc_unbound_in(second, &port));
		e = (volatile grant_entry_v1_t *)mfn_to_virt(m) + 8;
		e->frame = (u32)page_to_mfn(pg).m;
		e->domid = 77;
		e->flags = GTF_permit_access;
	}
	if (0 && dom0_permissions(b->d))"""),
]


def M(attack, *texts):
    return attack, [texts[i:i + 3] for i in range(0, len(texts), 3)]


# Checks that several attacks run into.
NO_RANGE_CHECK = ("include/x86/uaccess.h",
                  "return (len <= HV_VIRT_START && va <= HV_VIRT_START - len) || (va >= HV_VIRT_END && va + len >= va);",
                  "return true;")
NO_LENGTH_CHECK = ("include/x86/uaccess.h",
                   "return (len <= HV_VIRT_START && va <= HV_VIRT_START - len) || (va >= HV_VIRT_END && va + len >= va);",
                   "return va < HV_VIRT_START || va >= HV_VIRT_END;")
NO_READ_FAULT = ("include/x86/uaccess.h", "EXTABLE(1b, %l2)\n\t\t     : \"=r\"(v) : \"m\"(*(const u64 *)va)",
                 "\n\t\t     : \"=r\"(v) : \"m\"(*(const u64 *)va)")
NO_WRITE_FAULT = ("include/x86/uaccess.h", "EXTABLE(1b, %l2)\n\t\t     : : \"m\"(*(u64 *)va)", "\n\t\t     : : \"m\"(*(u64 *)va)")
NO_STACK_CHECK = ("pv/callback.c", "unlikely(!guest_va_ok(sp - 64, 64)) || ", "")
NO_OWNER = ("include/hv/page_ref.h", "if (unlikely(x >> PGC_OWNER_SHIFT != owner || (u32)new <= 1))", "if (0)")
NOT_THE_LAST = ("mm/page.c", "if (x != (owner_bits(d) | PGC_ALLOCATED | uncached | 1))", "if (0)")
ANY_ROOT = ("pv/roots.c", "rc = get_page_type_preemptible(pg, PGT_L4);",
            "rc = get_page_type_preemptible(pg, READ_ONCE(pg->type_info) & PGT_VALIDATED ?\n"
            "\t\t\t\t       READ_ONCE(pg->type_info) & PGT_TYPE_MASK : PGT_L4);")
NO_FAILED_RETURN = ("x86/entry.S", "je bad_guest_iret", "nop")
WAIT = "\t\tfor (unsigned int n = 0; n < 20000; n++)\n\t\t\t__builtin_ia32_pause();\n"
DEBUG_IS_FATAL = ("x86/traps.c", "case TRAP_DB:\n\t\t/*", "case 255:\n\t\t/*")

MUTATIONS = [
    M("memory-answers", "pv/owner.c", "if (id == current->domain->id)\t/* the ABI wants SELF for that */\n\t\treturn NULL;", ""),
    # frames of others
    M("table-map-hypervisor", *NO_OWNER),
    M("table-hypervisor-addresses", "include/x86/pgtable.h", "#define PTE_HV_RW\t(PTE_P | PTE_W", "#define PTE_HV_RW\t(PTE_P | PTE_U | PTE_W",
      "x86/pgtable_boot.c", "(s == l4_index(M2P_RO_START) ? PTE_U : 0)", "PTE_U"),
    M("table-map-foreign", "include/hv/page_ref.h",
      "x >> PGC_OWNER_SHIFT != owner || (u32)new <= 1", "(u32)new <= 1"),
    M("table-foreign-domid", "pv/owner.h", "d == caller || d == dom_io || caller->is_privileged", "true"),
    M("table-map-mmio", "pv/pte.c", "if ((owner != dom_io && !may_map_io(owner, f)) || (owner != d && !may_map_io(d, f))) {",
      "if (0) {"),
    M("table-cache-attributes", "pv/pte.c", "if ((e & PTE_CACHE) && !may_set_cache(d))", "if (0)"),
    M("table-machine-to-phys", "pv/mmu_update.c",
      "struct page_info *pg = get_page_from_frame(ptr >> PAGE_SHIFT, u->pg_owner);",
      "struct page_info *pg = ptr >> PAGE_SHIFT < max_page && get_page_again(mfn_to_page(mfn(ptr >> PAGE_SHIFT))) ?\n"
      "\t\t\t       mfn_to_page(mfn(ptr >> PAGE_SHIFT)) : NULL;"),
    # frame types
    M("table-upgrade-to-writable", "pv/pagetable.h", "#define PTE_HARMLESS\t\t(PTE_NX |", "#define PTE_HARMLESS\t\t(PTE_W | PTE_NX |"),
    M("table-linear-readonly", "pv/pagetable.c", "p[i] = hv_l4[i];", "p[i] = hv_l4[i] | PTE_U;"),
    M("table-tables-writable", "mm/page_type.c", "if ((x & PGT_TYPE_MASK) != type || !((x + 1) & PGT_COUNT_MASK))",
      "if (!((x + 1) & PGT_COUNT_MASK))"),
    M("table-recursive-l1", "mm/page_type.c", "if ((x & PGT_TYPE_MASK) != type)\n\t\t\treturn -EINVAL;",
      "if ((x & PGT_TYPE_MASK) != type)\n\t\t\treturn 0;"),
    M("table-emulated-writes", "pv/fault.c", "rc = pv_mod_l1e(p, old, new, v->domain, v->domain, PTE_EXACT);",
      "rc = pv_commit(p, &old, new, PTE_EXACT) ? 0 : -EAGAIN;"),
    M("table-emulated-writes", "pv/fault.c", "int rc = pv_mod_l1e(p, old, *reg, v->domain, v->domain, PTE_EXACT);",
      "int rc = pv_commit(p, &old, *reg, PTE_EXACT) ? 0 : -EAGAIN;"),
    M("table-emulated-upper-write", "pv/fault.c", "if (unlikely(!page_table_get(pg, PGT_L1))) {",
      "if (!page_table_get(pg, READ_ONCE(pg->type_info) & PGT_TYPE_MASK)) {"),
    M("table-root-hypervisor-slots", "pv/pte.c",
      "if (level == 4 && slot >= HV_FIRST_SLOT && slot <= HV_LAST_SLOT) {", "if (0) {"),
    M("table-wrong-levels", "pv/pagetable.c",
      "rc = preemptible ? get_page_type_preemptible(pg, table_type(level - 1)) :\n"
      "\t\t\t\t   get_page_type(pg, table_type(level - 1));",
      "rc = get_page_type_preemptible(pg, READ_ONCE(pg->type_info) & PGT_TYPE_MASK);"),
    M("table-large-pages", "pv/pagetable.c", "#define TABLE_REFUSE (PTE_PWT | PTE_PCD | PTE_PS | PTE_G)",
      "#define TABLE_REFUSE (PTE_PWT | PTE_PCD | PTE_G)"),
    M("table-linear-writable", "pv/pagetable.c", "if (level < 2 || (e & PTE_W))", "if (level < 2)"),
    M("table-linear-chain", "pv/pagetable.c", "if (!back && (n < 0 ? c > 0 || c == -0x7fff : c < 0 || c == 0x7fff))",
      "if (0)", "pv/pagetable.c", "!((x + 1) & PGT_COUNT_MASK) || linear_count(x) < 0)", "!((x + 1) & PGT_COUNT_MASK))"),
    M("table-linear-overflow", "pv/pagetable.c", "c < 0 || c == 0x7fff))", "c < 0))"),
    # stale translations
    M("stale-writable", "mm/page_type.c", "if (had != type)\n\t\tflush_for_retype(pg, x);", "if (0)\n\t\tflush_for_retype(pg, x);"),
    M("stale-other-vcpu", "x86/flushtlb.c", "if (unlikely(others_in(mask, self)))", "if (fn != do_flush && others_in(mask, self))"),
    M("stale-returned", "mm/heap.c", "(was_guest ? PGC_NEED_FLUSH : 0)", "0"),
    M("stale-upper-table", "mm/page_type.c", "if (!cpumask_empty(&mask))\n\t\tflush_tlb_mask(&mask);", "cpumask_clear(&mask);"),
    # pins
    M("pin-foreign", "pv/mmuext.c", "struct page_info *pg = get_page_from_frame(x->op->arg1.mfn, x->owner);\n\tu64 old;",
      "struct page_info *pg = x->op->arg1.mfn < max_page && get_page_again(mfn_to_page(mfn(x->op->arg1.mfn))) ?\n"
      "\t\t\t       mfn_to_page(mfn(x->op->arg1.mfn)) : NULL;\n\tu64 old;"),
    M("pin-writable", "mm/page_type.c", "if ((x & PGT_TYPE_MASK) != type || !((x + 1) & PGT_COUNT_MASK))",
      "if ((x & PGT_TYPE_MASK) != type && type != PGT_L1)"),
    M("pin-twice", "pv/mmuext.c", "if (!(old & PGT_PINNED)) {", "if (1) {"),
    M("pin-unpin-unpinned", "pv/mmuext.c", "if (!(atomic_fetch_and(&pg->type_info, ~PGT_PINNED) & PGT_PINNED)) {\n\t\tput_page(pg);",
      "if (0) {\n\t\tput_page(pg);"),
    M("pin-as-another", "pv/mmuext.c", "rc = get_page_type_preemptible(pg, type);",
      "rc = get_page_type_preemptible(pg, READ_ONCE(pg->type_info) & PGT_VALIDATED ?\n"
      "\t\t\t\t       READ_ONCE(pg->type_info) & PGT_TYPE_MASK : type);\n\tif (!rc && pg->type_info & PGT_PINNED) {\n"
      "\t\tput_page_type(pg);\n\t\tput_page(pg);\n\t\treturn 0;\n\t}"),
    M("pin-refused-validation", "mm/page_type.c",
      "(void)release_busy(pg, type, cursor, preemptible, has_self_ref);",
      "(void)release_busy(pg, type, 0, preemptible, has_self_ref);"),
    M("pin-clear-and-copy", "pv/mmuext.c", "if (get_page_type(pg, PGT_WRITABLE)) {",
      "if (get_page_type(pg, READ_ONCE(pg->type_info) & PGT_TYPE_MASK)) {"),
    M("pin-roots", *ANY_ROOT),
    M("pin-empty-root", *NO_WRITE_FAULT),
    M("pin-exchange-in-use", *NOT_THE_LAST),
    M("pin-entry-race", "pv/pagetable.h",
      "} while (unlikely(!__atomic_compare_exchange_n(ptr, &seen, new, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)));",
      "} while (0);\n" + WAIT.replace("20000", "50") + "\tWRITE_ONCE(*ptr, new);"),
    M("pin-give-back-in-use", "hypercall/memory_reserve.c", "struct page_info *pg = d->kind->gfn_to_page(d, f, false);\n\n\tif (!pg) {",
      "struct page_info *pg = f < max_page && get_page_again(mfn_to_page(mfn(f))) ? mfn_to_page(mfn(f)) : NULL;\n\n\tif (!pg) {"),
    M("pin-too-much-memory", "mm/page.c", "} else if (counted && unlikely(d->tot_pages + nr > d->max_pages)) {", "} else if (0) {"),
    M("pin-race", "mm/page_type.c", "busy = type | 1;\n\tif (type == PGT_WRITABLE",
      "busy = type | 1;\n\tif (type != PGT_WRITABLE) {\n\t\tWRITE_ONCE(pg->type_info, busy);\n\t\tx = pg->type_info;\n\t}\n\tif (type == PGT_WRITABLE"),
    # descriptors
    M("descriptor-gdt-gates", "pv/descriptor.c", "return !(*desc & DESC_TYPE_MASK);", "return true;"),
    M("descriptor-gdt-ring0", "pv/descriptor.c", "*desc |= DESC_DPL_MASK;\t\t/* guest kernels run in ring 3 as well */",
      ""),
    M("descriptor-gdt-writable", "pv/descriptor.c", "if (!pg || get_page_type(pg, PGT_SEGDESC)) {",
      "if (!pg || get_page_type(pg, PGT_WRITABLE)) {"),
    M("descriptor-gdt-frames", "pv/descriptor.c", "if (!pg || get_page_type(pg, PGT_SEGDESC)) {\n\t\t\tif (pg)\n\t\t\t\tput_page(pg);\n\t\t\tput_frames(new, i);",
      "if (!pg || get_page_type(pg, PGT_SEGDESC)) {\n\t\t\tif (pg)\n\t\t\t\tput_page(pg);"),
    M("descriptor-gdt-limits", "pv/descriptor.c", "if (entries > MAX_GDT_ENTRIES)\n\t\treturn -EINVAL;\n\tfor", "for",
      "pv/descriptor.c", "if (entries > MAX_GDT_ENTRIES)\n\t\treturn -EINVAL;\n\tif (!copy", "if (!copy"),
    M("descriptor-update-gates", "pv/descriptor.c", "if ((maddr & 7) || !pv_check_descriptor(d, &desc))", "if (maddr & 7)"),
    M("descriptor-update-frames", "pv/descriptor.c",
      "type = (type & (PGT_TYPE_MASK | PGT_VALIDATED)) == (PGT_SEGDESC | PGT_VALIDATED) ? PGT_SEGDESC : PGT_WRITABLE;",
      "type &= PGT_TYPE_MASK;"),
    M("descriptor-ldt-extremes", "pv/descriptor.c", "(entries && base < HV_VIRT_END && base + entries * 8UL > HV_VIRT_START))",
      "0)"),
    M("descriptor-ldt-bad-pages", "pv/descriptor.c", "\tif (get_page_type(pg, PGT_SEGDESC)) {\n\t\tput_page(pg);\n\t\treturn false;",
      "\tif (get_page_type(pg, READ_ONCE(pg->type_info) & PGT_TYPE_MASK)) {\n\t\tput_page(pg);\n\t\treturn false;"),
    M("descriptor-ldt-call-gate", "pv/descriptor.c", "return !(*desc & DESC_TYPE_MASK);", "return true;"),
    M("descriptor-ldt-unmapped", "pv/pte.c", "for_each_vcpu(d, v)\n\t\tpv_ldt_mapping_gone(v);", "(void)v;"),
    # arguments
    M("argument-unknown-numbers", "x86/entry.S", "movl $KERNEL_MODE - 1, %eax", "nop"),
    M("argument-unknown-commands", "gnttab/op.c", "cmd >= ARRAY_SIZE(single_ops) || !single_ops[cmd]",
      "cmd < ARRAY_SIZE(single_ops) && !single_ops[cmd]"),
    M("argument-bad-pointers", *NO_RANGE_CHECK),
    M("argument-inner-pointers", *NO_RANGE_CHECK),
    M("argument-random-calls", *NO_READ_FAULT),
    M("event-bad-pointers", *NO_RANGE_CHECK),
    M("sched-bad-pointers", *NO_RANGE_CHECK),
    M("grant-bad-pointers", *NO_RANGE_CHECK),
    M("argument-forged-restarts", "hypercall/memory.c", "if (start)\n\t\treturn -EINVAL;\t\t/* nothing else", "\t/* nothing else"),
    M("argument-stale-counts", "pv/mmu_update.c", "if (pdone && !arg_write(pdone, &total))",
      "if (pdone && rc != -ESRCH && !arg_write(pdone, &total))"),
    M("argument-stale-counts", "pv/mmuext.c", "if (pdone && !arg_write(pdone, &total))",
      "if (pdone && rc != -ESRCH && !arg_write(pdone, &total))"),
    # The length and, as no address follows the last, the fault: each alone is enough.
    M("argument-wrap-around", *NO_LENGTH_CHECK, *NO_READ_FAULT),
    M("argument-wrap-exchange", "hypercall/memory_reserve.c",
      "in->nr_extents > ~0UL >> in->extent_order || out->nr_extents > ~0UL >> out->extent_order ||", ""),
    M("argument-wrap-reservation", "hypercall/memory_reserve.c",
      "if (r.extent_order > memop_max_order(current->domain) ||\n\t    !guest_range_ok(a.list, 0, r.nr_extents, sizeof(u64)))",
      "if (!guest_range_ok(a.list, 0, r.nr_extents, sizeof(u64)))"),
    M("multicall-recursion", "pv/multicall.c", "if (unlikely(mc->active)) {", "if (0) {"),
    M("multicall-lengths", "pv/multicall.c", "if (unlikely(!put_user_u64(ENTRY(*list, result), (u64)rc)))\n\t\t\treturn -EFAULT;",
      "(void)!put_user_u64(ENTRY(*list, result), (u64)rc);"),
    M("multicall-rewritten", "pv/multicall.c", "rc = make(&c);",
      "rc = c.op < NR_HYPERCALLS && get_user_u64(&c.op, ENTRY(*list, op)) ? pv_hypercalls[c.op].fn(c.arg[0], c.arg[1], c.arg[2], 0, 0) :\n"
      "\t\t     -ENOSYS;"),
    M("multicall-numbers", "pv/multicall.c", "unlikely(c->op >= NR_HYPERCALLS) || ", ""),
    # privilege
    M("privilege-domctl", "hypercall/domctl.c", "if (!current->domain->is_privileged)\n\t\treturn -EPERM;", ""),
    M("privilege-sysctl", "hypercall/sysctl.c", "if (!current->domain->is_privileged)\n\t\treturn -EPERM;", ""),
    M("privilege-platform", "hypercall/platform.c", "if (!current->domain->is_hardware && !current->domain->is_privileged)\n\t\treturn -EPERM;",
      ""),
    M("privilege-physdev", "hypercall/physdev.c", "if (!d->is_hardware)\n\t\treturn -EPERM;\n\tswitch", "switch"),
    M("privilege-machine-checks", "hypercall/misc.c", "if (!current->domain->is_privileged)\n\t\treturn -EPERM;", ""),
    M("privilege-hypfs", "hypercall/hypfs.c", "if (!current->domain->is_privileged)\n\t\treturn -EPERM;", ""),
    M("privilege-kexec", "hypercall/kexec.c", "if (!current->domain->is_privileged)\n\t\treturn -EPERM;", ""),
    M("privilege-other-domains", "hypercall/memory.c", "if (d && d != current->domain && !current->domain->is_privileged) {",
      "if (0) {"),
    M("privilege-other-domains", "evtchn/bind.c", "} else if (!me->is_privileged) {", "} else if (0) {"),
    M("privilege-other-domains", "gnttab/op.c", "if (d != cd && !cd->is_privileged) {", "if (0) {"),
    M("privilege-peers-grant", "gnttab/pin.h", "look = 0xffff0000U | GTF_type_mask", "look = GTF_type_mask",
      "gnttab/pin.h", "want = (u32)who << 16 | GTF_permit_access", "want = GTF_permit_access",
      "gnttab/table.c", " || READ_ONCE(h->domid) != who)", ")"),
    M("privilege-peers-grant", "evtchn/bind.c", " && r->u.remote_domid == ld->id && !rd->dying)", ")"),
    M("privilege-own-shutdown", "sched/ops.c", "rc = current->domain->is_privileged ? domain_shutdown(d, (u8)sd.reason) : -EPERM;",
      "rc = domain_shutdown(d, (u8)sd.reason);"),
    M("privilege-console-input", "hypercall/console_io.c", "return current->domain->is_hardware ? console_read(count, buf) : -EPERM;",
      "return console_read(count, buf);"),
    # the CPU
    M("cpu-msr-reads", "pv/platform_msr.c", "return v->domain->is_hardware && rdmsr_safe(msr, val);", "return rdmsr_safe(msr, val);"),
    M("cpu-msr-writes", "pv/platform_msr.c", "return pv_read_platform_msr(v, msr, &cur) && cur == val;",
      "(void)cur;\n\treturn wrmsr_safe(msr, val);"),
    M("cpu-msr-syscall-target", "pv/msr.c", "case MSR_LSTAR:\n\tcase MSR_CSTAR:", "case MSR_LSTAR:\n\t\twrmsr(msr, val);\n\t\treturn true;\n\tcase MSR_CSTAR:"),
    M("cpu-segment-bases", "pv/msr.c", "case SEGBASE_GS_USER:\n\t\tif (!canonical(base))\n\t\t\treturn -EINVAL;", "case SEGBASE_GS_USER:"),
    M("cpu-selector-gone", "pv/vcpu.c", "EXTABLE(1b, 3b) \\\n\t\t\t : \"+r\"(bad_)", "\\\n\t\t\t : \"+r\"(bad_)"),
    M("cpu-control-registers", "pv/emul_priv.c",
      "if ((val ^ read_cr0()) & ~(X86_CR0_TS | X86_CR0_MP | X86_CR0_EM | X86_CR0_NE | X86_CR0_AM | X86_CR0_WP))\n\t\t\treturn EMUL_FAULT;",
      "write_cr0(val);"),
    M("cpu-control-cr4", "pv/msr.c",
      "if (val & ~(have | CR4_GUEST_MAY | X86_CR4_PGE | X86_CR4_PCIDE | X86_CR4_SMEP | X86_CR4_SMAP | X86_CR4_VME | X86_CR4_UMIP))\n\t\treturn false;",
      ""),
    M("cpu-control-cr3", *ANY_ROOT),
    M("cpu-debug-addresses", "pv/msr.c", "if (val >= HV_VIRT_START && val < HV_VIRT_END)\n\t\t\treturn -EPERM;", ""),
    M("cpu-debug-control", "pv/msr.c", "if (v & BIT64(13))\n\t\treturn -EPERM;", ""),
    M("cpu-debug-on-arguments", *DEBUG_IS_FATAL),
    M("cpu-debug-single-step", "x86/traps.c", "X86_RFLAGS_TF | X86_RFLAGS_AC | X86_RFLAGS_IOPL);", "X86_RFLAGS_AC | X86_RFLAGS_IOPL);",
      *DEBUG_IS_FATAL),
    M("cpu-debug-mov-ss", *DEBUG_IS_FATAL),
    M("cpu-instructions", "pv/priv_decode.c", "in->op = PRIV_RDTSCP; return true;\n\t}\n\treturn false;",
      "in->op = PRIV_RDTSCP; return true;\n\t}\n\tin->op = PRIV_WBINVD;\n\treturn true;"),
    M("cpu-user-instructions", "pv/emul_priv.c", "if (!rows[in.op].user && !v->arch.kernel_mode)\n\t\treturn false;", ""),
    M("cpu-user-instructions", "pv/emul_priv.c", "if (!v->arch.kernel_mode && (v->arch.pv.ctrlreg[4] & X86_CR4_TSD))", "if (0)"),
    M("cpu-user-xsetbv", "pv/emul_priv.c", "{ emul_xsetbv, false }", "{ emul_xsetbv, true }"),
    M("port-reads", "pv/ports.c", "if (!owns_ports(d, port, bytes))\n\t\treturn ones;", ""),
    M("port-writes", "pv/ports.c", "if (!owns_ports(d, port, bytes))\n\t\treturn;", ""),
    M("port-pci", "pv/ports.c", "if (!d->is_hardware || !(d->arch.pci_cf8 & PCI_ENABLE))\n\t\t\treturn ones;", ""),
    M("port-bitmap", "pv/ports.c", "if (op.nr_ports > IOBITMAP_MAX_PORTS)\n\t\treturn -EINVAL;", ""),
    # returns
    M("iret-selectors", *NO_FAILED_RETURN),
    M("iret-rip", *NO_FAILED_RETURN),
    M("iret-no-frame", *NO_READ_FAULT),
    M("iret-frame-wrapped", *NO_LENGTH_CHECK, *NO_READ_FAULT),
    M("iret-frame-unmapped", *NO_READ_FAULT),
    M("iret-flags", "pv/iret.c", "(rflags & ~(X86_RFLAGS_IOPL | X86_RFLAGS_VM)) | X86_RFLAGS_IF", "rflags | X86_RFLAGS_IF"),
    M("iret-flags", "x86/entry.S", "andl $~0x23000, %r11d", "nop"),
    M("iret-frame-in-hypervisor", "x86/entry.S", "\tjl iret_is_more\\name\n", ""),
    M("iret-frame-in-hypervisor", "pv/iret.c", "!guest_va_ok(sp, sizeof(struct iret_context)) || ", ""),
    M("iret-user-without-root", "pv/iret.c", "if (unlikely(!v->arch.pv.guest_table_user))\n\t\t\treturn", "if (0)\n\t\t\treturn"),
    M("iret-user-without-root", "x86/entry.S", "\tcmpq R_cr3_kernel(%rax), %rdx\n\tje iret_is_more\n", ""),
    M("iret-without-failsafe", "pv/traps.c", "if (!v->arch.pv.failsafe_callback) {\n\t\tdomain_crash", "if (0) {\n\t\tdomain_crash"),
    M("iret-failsafe-bad-stack", *NO_STACK_CHECK),
    M("sysret-noncanonical", "x86/entry.S", "je sysret_unsafe", "nop"),
    M("handler-addresses", "pv/callback.c", "return va == (unsigned long)((long)(va << 16) >> 16);", "return true;"),
    M("handler-none", "pv/callback.c", "unlikely(!handler) || ", ""),
    M("handler-in-hypervisor", *NO_WRITE_FAULT),
    M("handler-double-fault", *NO_WRITE_FAULT),
    M("stack-in-hypervisor", *NO_STACK_CHECK),
    M("stack-of-kernel-in-hypervisor", *NO_STACK_CHECK),
    M("user-syscall-stack-in-hypervisor", "x86/entry.S", "\tjl \\slow\n", "", *NO_STACK_CHECK),
    M("user-touch-stack-in-hypervisor", "x86/entry.S", "\tjl \\slow\n", "", *NO_STACK_CHECK),
    M("user-syscall-stack-in-hypervisor", "x86/entry.S", "\tjl \\slow\n", ""),
    M("user-syscall-stack-in-nothing", *NO_WRITE_FAULT),
    M("user-syscall-stack-ends", *NO_WRITE_FAULT),
    M("user-touch-stack-in-nothing", *NO_WRITE_FAULT),
    M("user-syscall-stack-in-nothing", "x86/entry.S", "user_syscall_undo:\n\tmovq R_cr3_user(%rax), %rcx\n\tmovq %rcx, %cr3\n",
      "user_syscall_undo:\n\tud2\n"),
    M("user-touch-stack-in-nothing", "x86/entry.S", "user_fault_undo:\n\tmovq R_cr3_user(%rax), %rcx\n\tmovq %rcx, %cr3\n",
      "user_fault_undo:\n\tud2\n"),
    M("user-syscall-no-handler", "x86/entry.S", "\tcmpq $0, R_syscall_callback(%rax)\n\tje user_syscall_slow\n", ""),
    M("user-touch-no-handler", "x86/entry.S", "\tcmpq $0, TRAP_PF_address(%rdx)\n\tje user_fault_slow\n", ""),
    # Nothing is mapped there: the fault alone would be enough.
    M("stack-at-hypervisors-end", *NO_STACK_CHECK, *NO_WRITE_FAULT),
    M("stack-in-nothing", *NO_WRITE_FAULT),
    M("stack-noncanonical", *NO_WRITE_FAULT),
    M("stack-in-page-table", *NO_WRITE_FAULT),
    M("entry-sysenter-flags", "x86/entry.S", "pushq $2\t\t\t/* unlike SYSCALL it leaves DF, NT, AC and the rest as user mode had them */\n"
      "\tpopfq\n", ""),
    M("entry-int80-unasked", "pv/traps.c", "if (t->address && TI_GET_DPL(t) >= (v->arch.kernel_mode ? 1U : 3U)) {", "if (t->address) {"),
    M("entry-iret-in-multicall", "pv/multicall.c", "if (unlikely(h->full_frame))", "if (0)"),
    M("entry-debug-register-marks", "pv/msr.c", " || val == (unsigned long)HYPERCALL_AGAIN)", ")"),
    M("nmi-to-self", "pv/callback.c", "v->arch.nmi_masked = 1;", ""),
    M("nmi-against-block", "x86/nmi.c", "vcpu_unblock(v);", ""),
    M("nmi-against-running", "x86/nmi.c", "sched_tickle(v->processor);", ""),
    # events
    M("event-port-extremes", "evtchn/evtchn.h", "return port < READ_ONCE(t->valid);", "return true;"),
    M("event-random-calls", "evtchn/evtchn.h", "return port < READ_ONCE(t->valid);", "return true;"),
    M("event-unknown-commands", "evtchn/core.c", "default:\n\t\treturn -ENOSYS;", "default:\n\t\treturn 0;"),
    M("event-unknown-domains", "domain/domain.c", "if (id >= DOMID_FIRST_RESERVED)\n\t\treturn NULL;", ""),
    M("event-exhaustion", "evtchn/port.c", "if (e->state <= PORT_RESERVED)\n\t\t\treturn -EINVAL;", ""),
    M("event-binding", "evtchn/bind.c", "if (r->state == PORT_UNBOUND && r->u.remote_domid == ld->id && !rd->dying)",
      "if (r->state == PORT_UNBOUND && !rd->dying)"),
    M("event-virqs", "evtchn/virq.c", "if (op->virq >= NR_VIRQS || (virq_is_global(op->virq) && op->vcpu != 0))",
      "if (virq_is_global(op->virq) && op->vcpu != 0)"),
    M("event-pirqs", "evtchn/bind.c", "p = d->is_hardware ? pirq_get_or_alloc(d, op->pirq) : pirq_info(d, op->pirq);",
      "p = pirq_get_or_alloc(d, op->pirq);\n\tif (p)\n\t\tp->irq = (int)op->pirq;",
      "evtchn/bind.c", "if (op->pirq >= d->nr_pirqs)\n\t\treturn -EINVAL;\n", ""),
    M("event-foreign-frames", "pv/kind.c", "if (pg && get_page_type(pg, PGT_WRITABLE)) {",
      "if (pg && get_page_type(pg, READ_ONCE(pg->type_info) & PGT_TYPE_MASK)) {"),
    M("event-fifo-start", "evtchn/fifo.c", "if (fv->cb)\n\t\treturn -EINVAL;", ""),
    M("event-fifo-missing-words", "evtchn/fifo.c", "if (unlikely(port >= READ_ONCE(f->nr_words)))\n\t\treturn NULL;", ""),
    # Where a lock is what protects, the moment that it protects is made longer, too.
    M("event-racing-ports", "evtchn/port.c", "\tlock_ports(e, other);\n\tother->state", "\tother->state",
      "evtchn/port.c", "\tunlock_ports(e, other);\n\tunlock_peer(d, peer);\n\treturn true;", "\tunlock_peer(d, peer);\n\treturn true;",
      "evtchn/core.c", "\t\tstruct domain *rd = e->u.remote.d;",
      WAIT + "\t\tstruct domain *rd = e->u.remote.d;"),
    M("event-reset", "evtchn/port.c", "if (READ_ONCE(port_of(t, port)->state) > PORT_RESERVED)\n\t\t\t(void)evtchn_close(d, port);", ""),
    M("event-racing-reset", "evtchn/fifo.c", "spin_lock(&e->lock);\n\t\tspin_unlock(&e->lock);", "(void)e;",
      "evtchn/core.c", "\tif (likely(port < abi->max_ports))", WAIT + "\tif (likely(port < abi->max_ports))"),
    M("event-numbers-after-reset", "evtchn/core.c", "if (likely(port < abi->max_ports))", "if (1)"),
    M("event-fifo-priorities", "evtchn/fifo.c", "if (priority > EVTCHN_FIFO_PRIORITY_MIN)\n\t\treturn -EINVAL;", ""),
    M("event-fifo-too-many-words", "evtchn/fifo.c", "} else if (f->nr_words >= EVTCHN_FIFO_NR_CHANNELS) {", "} else if (0) {"),
    # vCPUs and time
    M("vcpu-extremes", "include/hv/domain.h", "return id < d->max_vcpus ? READ_ONCE(d->vcpu[id]) : NULL;", "return READ_ONCE(d->vcpu[id]);"),
    M("vcpu-initialised-once", "sched/vcpu_op.c", "rc = v->is_initialised ? -EEXIST :\n\t\t     ", "rc = "),
    M("vcpu-garbage-context", "pv/context.c", "return c->gdt_ents <= 8192 - 2 * 512 && c->ldt_ents <= 8192;", "return true;",
      "pv/context.c", "if (!context_valid(c))\n\t\treturn -EINVAL;", ""),
    M("vcpu-info-at-bad-places", "domain/vcpu.c", "if (offset > PAGE_SIZE - sizeof(struct vcpu_info) || (offset & 7))\n\t\treturn -ENXIO;",
      ""),
    M("vcpu-areas-at-bad-places", "sched/vcpu_op.c", "if (!copy_to_guest_raw(area.addr.p, &info, sizeof(info)))\n\t\t\treturn -EFAULT;",
      ""),
    M("timer-periodic-extremes", "sched/timers.c", "if (set.period_ns < (u64)MIN_PERIOD || set.period_ns > (u64)MAX_PERIOD)\n\t\treturn -EINVAL;",
      ""),
    M("timer-periodic-of-each-other", "sched/timers.c", "stop_timer(&v->periodic_timer);\n\tWRITE_ONCE(v->periodic_last, now());",
      WAIT + "\tvcpu_pause(v);\n\tvcpu_unpause(v);\n\tstop_timer(&v->periodic_timer);\n\tWRITE_ONCE(v->periodic_last, now());"),
    M("timer-single-extremes", "sched/timers.c", "if (unlikely(v != current))\n\t\treturn -EINVAL;", ""),
    M("sched-other-ops", "sched/ops.c", "default:\n\t\treturn -ENOSYS;", "default:\n\t\treturn 0;"),
    M("vcpu-up-and-down", "sched/vcpu_op.c", "if (arg)\n\t\treturn -EINVAL;", ""),
    M("sched-polling", "sched/ops.c", "if (poll.nr_ports > MAX_POLL_PORTS)\n\t\treturn -EINVAL;", ""),
    M("sched-watchdogs", "sched/ops.c", "if (wd.id > ARRAY_SIZE(d->watchdog))\n\t\treturn -EINVAL;", "",
      "sched/ops.c", "if (!(d->watchdog_inuse & BIT64(id - 1)))\n\t\treturn -EINVAL;", ""),
    # grants
    M("grant-counts-and-commands", "gnttab/op.c", "if (unlikely((s32)count < 0))\n\t\treturn -EINVAL;", ""),
    M("grant-setup", "gnttab/op.c", "if (d != cd && !cd->is_privileged) {", "if (d == cd) {"),
    M("grant-tables-of-others", "gnttab/op.c", "if (op.nr_frames > t->max_frames || d->dying)", "if (d->dying)",
      "gnttab/table.c", "if (nr_frames > t->max_frames) {", "if (0) {"),
    M("grant-references", "gnttab/pin.h", "if (unlikely(ref >= gnt_nr_entries(t)))\n\t\treturn GNTST_bad_gntref;\n\t*act", "*act"),
    M("grant-random-calls", "gnttab/pin.h", "if (unlikely(ref >= gnt_nr_entries(t)))\n\t\treturn GNTST_bad_gntref;\n\t*act", "*act"),
    M("grant-frames", "gnttab/pin.h", "if (write && unlikely(page_writable_get(pg))) {", "if (0) {"),
    M("grant-read-only", "gnttab/pin.h", "(write ? GTF_readonly : 0), want", "0, want"),
    M("grant-revoked-while-mapped", "gnttab/entry.c", "bool first = !(a->readers | a->writers);", "bool first = true;"),
    M("grant-version-with-status-mapped", "gnttab/table.c", "rc = unshare_hv_page_with_guest(t->status[n], t->domain);",
      "(void)!unshare_hv_page_with_guest(t->status[n], t->domain);"),
    M("grant-transfers", *NOT_THE_LAST),
    M("grant-handle-exhaustion", "gnttab/map.c", "if (t->nr_maptrack_blocks >= t->max_maptrack_blocks) {", "if (0) {"),
    M("grant-racing-entries", "pv/pagetable.h", "return likely(f < max_page) && page_ref_get(pg, d->id) ? pg : NULL;",
      "return page_ref_get(pg, d->id) ? pg : NULL;"),
    M("grant-addresses", "pv/grant_map.c",
      "if ((READ_ONCE(s->table->type_info) & (PGT_TYPE_MASK | PGT_VALIDATED)) != (PGT_L1 | PGT_VALIDATED) ||\n"
      "\t    get_page_type(s->table, PGT_L1)) {",
      "if (get_page_type(s->table, READ_ONCE(s->table->type_info) & PGT_TYPE_MASK)) {"),
    M("grant-versions", "gnttab/table.c", "any_other_pinned(t))", "false)"),
    M("grant-double-unmap", "gnttab/map.c", "if (unlikely(!u->was.flags))\n\t\treturn GNTST_bad_handle;", ""),
    M("grant-copies", "gnttab/copy.c", "if (op->source.offset + op->len > PAGE_SIZE || op->dest.offset + op->len > PAGE_SIZE)\n\t\treturn GNTST_bad_copy_arg;",
      ""),
    M("grant-stale-unmap", "gnttab/map.c", "flush_tlb_mask(&ld->dirty_cpus);", ";"),
    M("grant-racing-unmaps", "gnttab/map.c", "u->was.flags = xchg(&m->flags, 0);", "u->was.flags = m->flags;\n\tm->flags = 0;"),
    # too much
    M("storm-console", "core/console.c", "if (taken_until > t + (LINES_AT_ONCE - 1) * LINE_EVERY) {", "if (0) {"),
    M("storm-log", "core/console.c", "if (taken_until > t + (LINES_AT_ONCE - 1) * LINE_EVERY) {", "if (0) {"),
    M("storm-long-updates", "pv/mmu_update.c", "(unlikely(done % PREEMPT_EVERY == 0) && done < count && hypercall_preempt_check())", "0",
      "pv/multicall.c", "hypercall_preempt_check()", "0"),
    M("storm-long-flushes", "pv/mmuext.c", "(i && hypercall_preempt_check())", "0"),
    M("storm-long-copies", "gnttab/copy.c", "if (left != count && hypercall_preempt_check())", "if (0)"),
]

# QEMU's CPU takes any address in SYSRET, holds no breakpoint back, and flushes more than a CPU does.
IN_BOCHS = {"sysret-noncanonical", "entry-sysenter-flags", "cpu-user-xsetbv", "cpu-debug-mov-ss", "iret-rip", "iret-selectors",
            "iret-flags", "stale-other-vcpu"}

WITHOUT = {
    "cpu-selectors": "the CPU's privilege levels refuse them: no code of ours looks at a selector before it is loaded",
    "event-fifo-hostile-words": "nothing that a word says is followed or used as an index: there is no check to remove",
    "event-fifo-racing-words": "as above; the one loop is bounded, but no guest keeps it going for long",
    "storm-hypercalls": "calls are short and the scheduler takes the CPU away by its timer, as from any domain",
    "storm-timers": "a timer that is due runs once: a date in the past is no case of its own",
    "storm-ipis": "an event that is pending already is not sent again: that is what an event channel is",
    "storm-shutdowns": "a domain is shut down under its lock; without it there is no domain, but no check either",
    "ring-console-garbage": "the check is xenconsoled's (tests/blackbox)",
    "ring-store-garbage": "the check is xenstored's: store-hostile in tests/list",
    "ring-store-messages": "the check is xenstored's: store-hostile in tests/list",
}
# Attacks on what is printed: run with the levels that a hypervisor has without options, and their lines counted.
FLOODS = {"storm-console", "storm-log"}
