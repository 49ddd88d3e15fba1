// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cache monitoring and allocation on a pretended host with two sockets: $FAKEXEN_PSR is the file that keeps what was
 * set, $FAKEXEN_PSR_HAS what the host has, words of "cmt l3 cdp l2 mba linear"; without it all but cdp.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <xen/xen.h>
#include <xen/domctl.h>
#include <xen/platform.h>
#include <xen/sysctl.h>

#include "fakexen.h"

#define DOMAINS	   512u
#define SOCKETS	   2u
#define MASK_BITS  20u
#define THRTL_MAX  90u
#define THRTL_STEP 10u
#define CLASSES	   15u
#define RMIDS	   71u
#define UPSCALING  65536u
#define L3_KIB	   25600u
#define TSC_STEP   10000000u /* 10 ms: the hypervisor answers in nanoseconds */

enum { L3, CODE, DATA, L2, MBA, KINDS };

static struct state {
	bool started;
	uint64_t selected, reads; /* what the last write chose to be counted */
	uint32_t rmid[DOMAINS];
	uint64_t value[DOMAINS][SOCKETS][KINDS];
} *state;

static const char *const kind_words[KINDS] = { "l3", "cdp", "cdp", "l2", "mba" };

static bool has(const char *word)
{
	const char *list = getenv("FAKEXEN_PSR_HAS");

	return strstr(list ? list : "cmt l3 l2 mba linear", word);
}

static void start(void)
{
	for (unsigned int d = 0; d < DOMAINS; d++)
		for (unsigned int i = 0; i < SOCKETS * KINDS; i++)
			state->value[d][i / KINDS][i % KINDS] = i % KINDS == MBA ? 0 : (1u << MASK_BITS) - 1;
	state->started = true;
}

bool fake_psr(void)
{
	const char *file = getenv("FAKEXEN_PSR");
	int fd;

	if (!file || state)
		return file;
	fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, sizeof(*state)))
		abort();
	state = mmap(NULL, sizeof(*state), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (state == MAP_FAILED)
		abort();
	close(fd);
	if (!state->started)
		start();
	return true;
}

static int failed(int error)
{
	errno = error;
	return -1;
}

static int domain_cmt(uint32_t *rmid, struct xen_domctl_psr_cmt_op *op)
{
	if (!has("cmt"))
		return failed(ENODEV);
	switch (op->cmd) {
	case XEN_DOMCTL_PSR_CMT_OP_ATTACH:
		if (*rmid)
			return failed(EEXIST);
		*rmid = 1 + (uint32_t)(rmid - state->rmid) % RMIDS;
		return 0;
	case XEN_DOMCTL_PSR_CMT_OP_DETACH:
		if (!*rmid)
			return failed(ENOENT);
		*rmid = 0;
		return 0;
	default:
		op->data = *rmid;
		return 0;
	}
}

/* One run of bits, as the processor wants it. */
static bool is_mask(uint64_t mask)
{
	return mask && mask < 1u << MASK_BITS && !(mask & (mask + (mask & -mask)));
}

static int set_value(uint64_t *values, int kind, uint64_t value)
{
	if (kind == MBA ? value > THRTL_MAX : !is_mask(value))
		return failed(EINVAL);
	if (kind == L3 && has("cdp"))
		values[CODE] = values[DATA] = value;
	values[kind] = kind == MBA ? value - value % THRTL_STEP : value;
	return 0;
}

static int allocate(uint32_t domid, struct xen_domctl_psr_alloc *op)
{
	static const struct {
		int kind;
		bool set;
	} commands[] = {
		[XEN_DOMCTL_PSR_SET_L3_CBM] = { L3, true },    [XEN_DOMCTL_PSR_GET_L3_CBM] = { L3, false },
		[XEN_DOMCTL_PSR_SET_L3_CODE] = { CODE, true }, [XEN_DOMCTL_PSR_GET_L3_CODE] = { CODE, false },
		[XEN_DOMCTL_PSR_SET_L3_DATA] = { DATA, true }, [XEN_DOMCTL_PSR_GET_L3_DATA] = { DATA, false },
		[XEN_DOMCTL_PSR_SET_L2_CBM] = { L2, true },    [XEN_DOMCTL_PSR_GET_L2_CBM] = { L2, false },
		[XEN_DOMCTL_PSR_SET_MBA_THRTL] = { MBA, true },	[XEN_DOMCTL_PSR_GET_MBA_THRTL] = { MBA, false },
	};
	int kind;

	if (op->cmd >= sizeof(commands) / sizeof(commands[0]))
		return failed(EOPNOTSUPP);
	kind = commands[op->cmd].kind;
	if (op->target >= SOCKETS)
		return failed(ENOTSOCK);
	if (!has(kind_words[kind]))
		return failed(kind == CODE || kind == DATA ? ENXIO : ENOENT);
	if (commands[op->cmd].set)
		return set_value(state->value[domid][op->target], kind, op->data);
	op->data = state->value[domid][op->target][kind];
	return 0;
}

int fake_psr_domctl(struct xen_domctl *op)
{
	if (fake_fails(op->cmd == XEN_DOMCTL_psr_alloc ? "psr_alloc" : "psr_cmt"))
		return -1;
	if (op->cmd == XEN_DOMCTL_psr_cmt_op)
		return domain_cmt(&state->rmid[op->domain % DOMAINS], &op->u.psr_cmt_op);
	return allocate(op->domain % DOMAINS, &op->u.psr_alloc);
}

static int host_cmt(struct xen_sysctl_psr_cmt_op *op)
{
	if (!has("cmt") && op->cmd != XEN_SYSCTL_PSR_CMT_enabled)
		return failed(ENODEV);
	switch (op->cmd) {
	case XEN_SYSCTL_PSR_CMT_enabled:
		op->u.data = has("cmt");
		return 0;
	case XEN_SYSCTL_PSR_CMT_get_total_rmid:
		op->u.data = RMIDS;
		return 0;
	case XEN_SYSCTL_PSR_CMT_get_l3_upscaling_factor:
		op->u.data = UPSCALING;
		return 0;
	case XEN_SYSCTL_PSR_CMT_get_l3_cache_size:
		op->u.data = L3_KIB;
		return 0;
	case XEN_SYSCTL_PSR_CMT_get_l3_event_mask:
		op->u.data = 7;
		return 0;
	default:
		return failed(ENOSYS);
	}
}

static int describe(struct xen_sysctl_psr_alloc *op)
{
	static const char *const words[] = { "l3", "l2", "mba" };

	if (op->cmd >= sizeof(words) / sizeof(words[0]))
		return failed(EOPNOTSUPP);
	if (op->target >= SOCKETS)
		return failed(ENOTSOCK);
	if (!has(words[op->cmd]))
		return failed(ENOENT);
	if (op->cmd == XEN_SYSCTL_PSR_get_mba_info) {
		op->u.mba_info.thrtl_max = THRTL_MAX;
		op->u.mba_info.cos_max = CLASSES;
		op->u.mba_info.flags = has("linear") ? XEN_SYSCTL_PSR_MBA_LINEAR : 0;
	} else {
		op->u.cat_info.cbm_len = MASK_BITS;
		op->u.cat_info.cos_max = CLASSES;
		op->u.cat_info.flags = op->cmd == XEN_SYSCTL_PSR_get_l3_info && has("cdp") ? XEN_SYSCTL_PSR_CAT_L3_CDP : 0;
	}
	return 0;
}

int fake_psr_sysctl(struct xen_sysctl *op)
{
	return op->cmd == XEN_SYSCTL_psr_cmt_op ? host_cmt(&op->u.psr_cmt_op) : describe(&op->u.psr_alloc);
}

/* What is selected grows by the same amount from read to read, and so does the clock. */
static uint64_t msr(uint64_t index, uint32_t cpu)
{
	const uint64_t rmid = state->selected >> 32, event = state->selected & 0xff;

	if (index == 0x10)
		return state->reads * TSC_STEP;
	return event == 1 ? rmid * 16 + cpu : ++state->reads * rmid * 8 / event;
}

int fake_resources(struct xenpf_resource_op *op)
{
	xenpf_resource_entry_t *e = op->entries.p;

	for (uint32_t i = 0; i < op->nr_entries; i++)
		if (e[i].u.cmd == XEN_RESOURCE_OP_MSR_WRITE)
			state->selected = e[i].val;
		else
			e[i].val = msr(e[i].idx, op->cpu);
	return (int)op->nr_entries;
}
