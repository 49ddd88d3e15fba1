/* SPDX-License-Identifier: MIT */
/*
 * vcpu_op(cmd, vcpuid, arg): on the caller's own domain. -ENOENT for a vCPU that does not exist.
 */
#ifndef __XEN_PUBLIC_VCPU_H__
#define __XEN_PUBLIC_VCPU_H__
#include "xen.h"

/* Set the first state of a vCPU (vcpu_guest_context). -EEXIST if it has one. */
#define VCPUOP_initialise 0

/* Start and stop. -EINVAL before initialise. */
#define VCPUOP_up   1
#define VCPUOP_down 2

/* Returns 1 or 0. */
#define VCPUOP_is_up 3

/* Where the time of a vCPU went. */
#define VCPUOP_get_runstate_info 4

struct vcpu_runstate_info {
	int state;
	uint64_t state_entry_time;
#define XEN_RUNSTATE_UPDATE (xen_mk_ullong(1) << 63)
	uint64_t time[4];
};
typedef struct vcpu_runstate_info vcpu_runstate_info_t;
DEFINE_XEN_GUEST_HANDLE(vcpu_runstate_info_t);

/*
 * running: on a CPU. runnable: waiting for one. blocked: idle by its own wish. offline: down
 * or paused.
 */
#define RUNSTATE_running  0
#define RUNSTATE_runnable 1
#define RUNSTATE_blocked  2
#define RUNSTATE_offline  3

/* Keep a copy of the above at this address, up to date whenever the vCPU runs. */
#define VCPUOP_register_runstate_memory_area 5

struct vcpu_register_runstate_memory_area {
	union {
		XEN_GUEST_HANDLE(vcpu_runstate_info_t) h;
		struct vcpu_runstate_info *v;
		uint64_t p;
	} addr;
};
typedef struct vcpu_register_runstate_memory_area vcpu_register_runstate_memory_area_t;
DEFINE_XEN_GUEST_HANDLE(vcpu_register_runstate_memory_area_t);

/* Periodic VIRQ_TIMER, period in ns, at least 1 ms. */
#define VCPUOP_set_periodic_timer  6
#define VCPUOP_stop_periodic_timer 7

struct vcpu_set_periodic_timer {
	uint64_t period_ns;
};
typedef struct vcpu_set_periodic_timer vcpu_set_periodic_timer_t;
DEFINE_XEN_GUEST_HANDLE(vcpu_set_periodic_timer_t);

/*
 * One VIRQ_TIMER at an absolute system time, at once if it has passed. VCPU_SSHOTTMR_future is
 * accepted and changes nothing.
 */
#define VCPUOP_set_singleshot_timer  8
#define VCPUOP_stop_singleshot_timer 9

struct vcpu_set_singleshot_timer {
	uint64_t timeout_abs_ns;
	uint32_t flags;
};
typedef struct vcpu_set_singleshot_timer vcpu_set_singleshot_timer_t;
DEFINE_XEN_GUEST_HANDLE(vcpu_set_singleshot_timer_t);

#define _VCPU_SSHOTTMR_future (0)
#define VCPU_SSHOTTMR_future  (1U << _VCPU_SSHOTTMR_future)

/*
 * Move vcpu_info into the page mfn, at offset, which must not cross its end. Once per vCPU.
 */
#define VCPUOP_register_vcpu_info 10

struct vcpu_register_vcpu_info {
	uint64_t mfn;
	uint32_t offset;
	uint32_t rsvd;
};
typedef struct vcpu_register_vcpu_info vcpu_register_vcpu_info_t;
DEFINE_XEN_GUEST_HANDLE(vcpu_register_vcpu_info_t);

/* Send an NMI. */
#define VCPUOP_send_nmi 11

/* APIC id (low half) and ACPI id of the CPU a pinned vCPU is on. */
#define VCPUOP_get_physid 12

struct vcpu_get_physid {
	uint64_t phys_id;
};
typedef struct vcpu_get_physid vcpu_get_physid_t;
DEFINE_XEN_GUEST_HANDLE(vcpu_get_physid_t);

/* Halves of phys_id. */
#define xen_vcpu_physid_to_x86_apicid(physid) ((uint32_t)((physid) & 0xffffffffU))
#define xen_vcpu_physid_to_x86_acpiid(physid) ((uint32_t)((uint64_t)(physid) >> 32))

/* Keep a copy of vcpu_time_info at this address. */
#define VCPUOP_register_vcpu_time_memory_area 13
DEFINE_XEN_GUEST_HANDLE(vcpu_time_info_t);

struct vcpu_register_time_memory_area {
	union {
		XEN_GUEST_HANDLE(vcpu_time_info_t) h;
		struct vcpu_time_info *v;
		uint64_t p;
	} addr;
};
typedef struct vcpu_register_time_memory_area vcpu_register_time_memory_area_t;
DEFINE_XEN_GUEST_HANDLE(vcpu_register_time_memory_area_t);
#endif
