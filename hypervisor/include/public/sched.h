/* SPDX-License-Identifier: MIT */
/*
 * sched_op(cmd, arg): give up the CPU, stop, shut down.
 */
#ifndef __XEN_PUBLIC_SCHED_H__
#define __XEN_PUBLIC_SCHED_H__
#include "event_channel.h"

/* Let others run; stay runnable. No argument. */
#define SCHEDOP_yield 0

/* Enable event upcalls and sleep until one is pending. No argument. */
#define SCHEDOP_block 1

/*
 * Stop the whole domain for the given reason. For suspend the third register holds the frame
 * of start_info; the call returns 1 if the suspend was cancelled, 0 after resume.
 */
#define SCHEDOP_shutdown 2

/*
 * Sleep until one of the ports is pending or the time (absolute ns, 0 never) is over. At
 * most 128 ports.
 */
#define SCHEDOP_poll 3

/* Shut down another domain; privileged. */
#define SCHEDOP_remote_shutdown 4

/* Set the reason without stopping yet. */
#define SCHEDOP_shutdown_code 5

/*
 * id 0 makes a watchdog of <timeout> seconds and returns its id; later calls kick it,
 * timeout 0 removes it. -EEXIST when all are used.
 */
#define SCHEDOP_watchdog 6

/* Pin the calling vCPU to a CPU, -1 ends it; hardware domain only. */
#define SCHEDOP_pin_override 7

struct sched_shutdown {
	unsigned int reason;
};
typedef struct sched_shutdown sched_shutdown_t;
DEFINE_XEN_GUEST_HANDLE(sched_shutdown_t);

struct sched_poll {
	XEN_GUEST_HANDLE(evtchn_port_t) ports;
	unsigned int nr_ports;
	uint64_t timeout;
};
typedef struct sched_poll sched_poll_t;
DEFINE_XEN_GUEST_HANDLE(sched_poll_t);

struct sched_remote_shutdown {
	domid_t domain_id;
	unsigned int reason;
};
typedef struct sched_remote_shutdown sched_remote_shutdown_t;
DEFINE_XEN_GUEST_HANDLE(sched_remote_shutdown_t);

struct sched_watchdog {
	uint32_t id;
	uint32_t timeout;
};
typedef struct sched_watchdog sched_watchdog_t;
DEFINE_XEN_GUEST_HANDLE(sched_watchdog_t);

struct sched_pin_override {
	int32_t pcpu;
};
typedef struct sched_pin_override sched_pin_override_t;
DEFINE_XEN_GUEST_HANDLE(sched_pin_override_t);

/* Why a domain stopped. */
#define SHUTDOWN_poweroff   0
#define SHUTDOWN_reboot     1
#define SHUTDOWN_suspend    2
#define SHUTDOWN_crash      3
#define SHUTDOWN_watchdog   4
#define SHUTDOWN_soft_reset 5
#define SHUTDOWN_MAX        5
#endif
