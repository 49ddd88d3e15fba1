/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-ins (weak) for what has not landed: each goes as the real one comes. */
#include <hv/heap.h>
#include <hv/keyhandler.h>
#include <hv/numa.h>
#include <hv/softirq.h>
#include <hv/timer.h>
#include <x86/irq.h>
#include <x86/processor.h>
#include <x86/smp.h>
#include <x86/time.h>
#include <x86/acpi.h>
#include <x86/idle.h>
#include <hv/domain.h>
#include <x86/backtrace.h>
__attribute__((weak)) cpumask_t cpu_online_map, cpu_present_map;
__attribute__((weak)) unsigned int nr_cpus = 1;
__attribute__((weak)) void smp_send_kick(unsigned int cpu) { }
__attribute__((weak)) bool arch_reprogram_timer(s_time_t expires) { return true; }
__attribute__((weak)) unsigned long percpu_offset[NR_CPUS];
__attribute__((weak)) s_time_t now(void) { return 0; }
__attribute__((weak)) void udelay(unsigned long us) { while (us--) inb(0x80); }
__attribute__((weak)) void smp_stop_others(void) { }
__attribute__((weak)) bool acpi_reset(void) { return false; }
__attribute__((weak)) void acpi_poweroff(void) { }
__attribute__((weak)) int request_irq(unsigned int irq, irq_handler *fn, void *data, const char *name) { return -EINVAL; }
__attribute__((weak)) void *alloc_hv_page(void) { return NULL; }
__attribute__((weak)) void heap_add_range(mfn_t start, u64 nr, unsigned int node) { }
__attribute__((weak)) unsigned int paddr_to_node(paddr_t pa) { return 0; }
__attribute__((weak)) paddr_t numa_block_end(paddr_t pa) { return ~0ULL; }
__attribute__((weak)) void smp_call_function(const cpumask_t *mask, void (*fn)(void *), void *data) { }

/* Functions of any type that are not there yet: -ENOSYS. */
#define MISSING(f) __asm__(".pushsection .text\n.weak " #f "\n" #f ": movq $-38, %rax\nret\n.popsection");
MISSING(do_set_trap_table)
MISSING(do_mmu_update)
MISSING(do_set_gdt)
MISSING(do_stack_switch)
MISSING(do_set_callbacks)
MISSING(do_fpu_taskswitch)
MISSING(do_platform_op)
MISSING(do_set_debugreg)
MISSING(do_get_debugreg)
MISSING(do_update_descriptor)
MISSING(do_memory_op)
MISSING(do_update_va_mapping)
MISSING(do_grant_table_op)
MISSING(do_update_va_mapping_otherdomain)
MISSING(do_iret)
MISSING(do_set_segment_base)
MISSING(do_mmuext_op)
MISSING(do_nmi_op)
MISSING(do_callback_op)
MISSING(do_event_channel_op)
MISSING(do_physdev_op)
MISSING(do_sysctl)
MISSING(do_domctl)
MISSING(do_xenpmu_op)
MISSING(do_hypfs_op)
MISSING(do_mca)
MISSING(copy_to_guest_raw)
MISSING(copy_from_guest_raw)
MISSING(clear_guest_raw)
MISSING(domain_shutdown)
MISSING(pirq_guest_unmask)
MISSING(vcpu_time_publish)
MISSING(arch_physid)
MISSING(vcpu_map_info)
MISSING(domain_get)
MISSING(domain_get_from)
MISSING(domain_put)
MISSING(send_guest_vcpu_virq)
MISSING(evtchn_usable_port)
MISSING(evtchn_port_is_pending)
MISSING(hv_zalloc)
MISSING(hv_free)
MISSING(context_switch)
MISSING(cpu_to_node)
__attribute__((weak)) struct cpu_topology cpu_topology[NR_CPUS];
struct rangeset;
__attribute__((weak)) struct rangeset *mmio_ro_ranges;
MISSING(rangesets_init)
MISSING(idle_vcpu_create)
MISSING(domains_init)
MISSING(irq_guest_dispatch)
MISSING(traps_init)
MISSING(traps_cpu_init)
MISSING(do_exception)
MISSING(do_nmi)
MISSING(do_machine_check)
__attribute__((weak)) void idle_loop_start(void) { for (;;) { do_softirq(); safe_halt(); } }
MISSING(do_guest_exception)
MISSING(pv_hypercall_entry)
MISSING(pv_guest_syscall)
MISSING(pv_bad_iret)
MISSING(ist_move_guest_frame)
MISSING(do_ist_exception)
MISSING(exit_work)
__attribute__((weak)) struct domain *domain_by_id[0x8000];
__attribute__((weak)) unsigned long pv_hypercall_full;
void do_hv_exception(struct cpu_user_regs *r);
__attribute__((weak)) void do_hv_exception(struct cpu_user_regs *r)
{
	printk("Exception %u error %x at %pS, cr2 %lx rsp %lx\n", r->entry_vector, r->error_code, (void *)r->rip, (long)read_cr2(), (long)r->rsp);
	backtrace_show(r->rsp, r->rip);
	panic("exception");
}
MISSING(domain_create)
MISSING(vcpu_create)
MISSING(get_page_and_type_preemptible)
MISSING(arch_domain_policy_free)
MISSING(arch_domain_policy_init)
MISSING(evtchn_close_all)
MISSING(evtchn_free)
MISSING(evtchn_init)
MISSING(evtchn_vcpu_free)
MISSING(evtchn_vcpu_info_moved)
MISSING(get_page_type)
MISSING(pirqs_free_all)
MISSING(put_page_type)
MISSING(pv_cpuid)
MISSING(pv_drop_roots)
MISSING(pv_fixup_page_fault)
MISSING(pv_fixup_window_fault)
MISSING(pv_gfn_to_page)
MISSING(pv_grant_map)
MISSING(pv_grant_unmap)
MISSING(pv_in_descriptor_window)
MISSING(pv_load_descriptor_windows)
MISSING(pv_load_root)
MISSING(pv_mark_dirty)
MISSING(pv_physmap_add)
MISSING(pv_physmap_remove)
MISSING(pv_relinquish_memory)
MISSING(pv_set_gdt)
MISSING(pv_set_kernel_root)
MISSING(pv_set_ldt)
MISSING(pv_set_user_root)
MISSING(pv_toggle_root)
MISSING(pv_update_cr3)
MISSING(pv_write_cr3)
MISSING(release_hv_page)
MISSING(send_global_virq)
MISSING(steal_page)
MISSING(evtchn_unmask_port)
MISSING(send_guest_pirq)
MISSING(domain_get_any)
MISSING(put_page_and_type)
MISSING(get_page_and_type)
