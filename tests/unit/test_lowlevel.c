// SPDX-License-Identifier: GPL-2.0-only
/*
 * The low-level libraries over fake devices: open and ioctl are wrapped, a memfd stands for each
 * device so that mmap works. What is checked is what goes to the kernel, and what comes of errors.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define __XEN_TOOLS__ 1
#include <xen/xen.h>
#include <xen/sys/evtchn.h>
#include <xen/sys/gntdev.h>
#include <xen/sys/privcmd.h>

#include "toolcore_internal.h"
#include "xencall.h"
#include "xenevtchn.h"
#include "xenforeignmemory.h"
#include "xengnttab.h"

static struct {
	bool no_hypercall, no_devices;
	int open_fds;
	uint64_t op, arg[5];
	long result;
	int map_err, map_errs[16];
	unsigned int mapped_num, grant_count, notify_action, unmapped;
	uint64_t index, notify_index;
	uint16_t restricted;
} fake;

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __real_close(int fd);
int __wrap_close(int fd);
int __wrap_ioctl(int fd, unsigned long req, void *arg);

int __wrap_open(const char *path, int flags, ...)
{
	int fd;

	if (strncmp(path, "/dev/xen/", 9) && strncmp(path, "/proc/xen/", 10))
		return __real_open(path, flags);
	if (fake.no_devices || (fake.no_hypercall && strstr(path, "hypercall"))) {
		errno = ENOENT;
		return -1;
	}
	fd = memfd_create(path, 0);
	assert_return_code(ftruncate(fd, 1 << 20), errno);
	fake.open_fds++;
	return fd;
}

int __wrap_close(int fd)
{
	fake.open_fds--;
	return __real_close(fd);
}

static int hypercall(privcmd_hypercall_t *c)
{
	fake.op = c->op;
	memcpy(fake.arg, c->arg, sizeof(fake.arg));
	if (c->op == __HYPERVISOR_multicall) {
		multicall_entry_t *e = (multicall_entry_t *)(uintptr_t)c->arg[0];

		assert_int_equal(c->arg[1], 1);
		fake.op = e->op;
		fake.arg[0] = e->args[0];
		fake.arg[1] = e->args[1];
		e->result = (unsigned long)fake.result;
		return 0;
	}
	if (fake.result >= 0)
		return (int)fake.result;
	errno = (int)-fake.result;
	return -1;
}

static int mmapbatch(privcmd_mmapbatch_v2_t *b)
{
	fake.mapped_num = b->num;
	for (unsigned int i = 0; i < b->num && i < 16; i++)
		b->err[i] = fake.map_errs[i];
	if (!fake.map_err)
		return 0;
	errno = fake.map_err;
	return -1;
}

int __wrap_ioctl(int fd, unsigned long req, void *arg)
{
	switch (req) {
	case IOCTL_PRIVCMD_HYPERCALL:
		return hypercall(arg);
	case IOCTL_PRIVCMD_MMAPBATCH_V2:
		return mmapbatch(arg);
	case IOCTL_PRIVCMD_RESTRICT:
		fake.restricted = *(domid_t *)arg;
		return 0;
	case IOCTL_EVTCHN_BIND_INTERDOMAIN:
		return (int)((struct ioctl_evtchn_bind_interdomain *)arg)->remote_port + 1;
	case IOCTL_EVTCHN_RESTRICT_DOMID:
		fake.restricted = ((struct ioctl_evtchn_restrict_domid *)arg)->domid;
		return 0;
	case IOCTL_GNTDEV_MAP_GRANT_REF:
		fake.grant_count = ((struct ioctl_gntdev_map_grant_ref *)arg)->count;
		((struct ioctl_gntdev_map_grant_ref *)arg)->index = fake.index;
		return 0;
	case IOCTL_GNTDEV_SET_UNMAP_NOTIFY:
		fake.notify_action = ((struct ioctl_gntdev_unmap_notify *)arg)->action;
		fake.notify_index = ((struct ioctl_gntdev_unmap_notify *)arg)->index;
		if (fake.result >= 0)
			return 0;
		errno = (int)-fake.result;
		return -1;
	case IOCTL_GNTDEV_GET_OFFSET_FOR_VADDR:
		((struct ioctl_gntdev_get_offset_for_vaddr *)arg)->offset = fake.index;
		((struct ioctl_gntdev_get_offset_for_vaddr *)arg)->count = fake.grant_count;
		return 0;
	case IOCTL_GNTDEV_UNMAP_GRANT_REF:
		fake.unmapped += ((struct ioctl_gntdev_unmap_grant_ref *)arg)->count;
		return 0;
	default:
		errno = ENOTTY;
		return -1;
	}
}

static int reset(void **state)
{
	memset(&fake, 0, sizeof(fake));
	return 0;
}

static int all_closed(void **state)
{
	return fake.open_fds;
}

static xentoollog_logger *quiet(void)
{
	static xentoollog_logger *l;

	if (!l)
		l = (xentoollog_logger *)xtl_createlogger_stdiostream(stderr, XTL_CRITICAL, 0);
	return l;
}

/* --- hypercalls */

static void calls(void **state)
{
	xencall_handle *x = xencall_open(quiet(), 0);

	fake.result = 5;
	assert_int_equal(xencall5(x, 36, 1, 2, 3, 4, 0x123456789ab), 5);
	assert_int_equal(fake.op, 36);
	assert_int_equal(fake.arg[4], 0x123456789ab);
	fake.result = -ESRCH;
	assert_int_equal(xencall1(x, 36, 1), -1);
	assert_int_equal(errno, ESRCH);
	/* results that an int does not hold, and errors, by multicall */
	fake.result = 0x123456789;
	assert_true(xencall2L(x, 12, 7, 8) == 0x123456789);
	assert_int_equal(fake.op, 12);
	assert_int_equal(fake.arg[1], 8);
	fake.result = -EFAULT;
	assert_int_equal(xencall2L(x, 12, 7, 8), -1);
	assert_int_equal(errno, EFAULT);
	xencall_close(x);
}

static void buffers(void **state)
{
	for (int locked = 0; locked < 2; locked++) {
		xencall_handle *x;
		void *p[50], *big;

		fake.no_hypercall = locked;
		x = xencall_open(quiet(), 0);
		assert_int_equal(xencall_buffers_never_fault(x), !locked);
		for (int i = 0; i < 50; i++) {
			p[i] = xencall_alloc_buffer(x, 100);
			assert_non_null(p[i]);
			memset(p[i], i, 100);
			for (int k = 0; k < i; k++)
				assert_true(p[k] != p[i]);
		}
		for (int i = 0; i < 50; i++) {
			if (locked) /* a memfd shows the same bytes in all mappings */
				assert_int_equal(*(uint8_t *)p[i], i);
			xencall_free_buffer(x, p[i]);
		}
		big = xencall_alloc_buffer_pages(x, 40);
		assert_non_null(big);
		assert_int_equal((uintptr_t)big & 4095, 0);
		xencall_free_buffer_pages(x, big, 40);
		assert_null(xencall_alloc_buffer(x, SIZE_MAX - 10));
		xencall_free_buffer(x, NULL);
		xencall_close(x);
	}
}

static void no_devices(void **state)
{
	fake.no_devices = true;
	assert_null(xencall_open(quiet(), 0));
	assert_int_equal(errno, ENOENT);
	assert_null(xenforeignmemory_open(quiet(), 0));
	assert_int_equal(errno, ENOENT);
	assert_null(xenevtchn_open(quiet(), 0));
	assert_null(xengnttab_open(quiet(), 0));
	assert_int_equal(xencall_close(NULL), 0);
	assert_int_equal(xenforeignmemory_close(NULL), 0);
}

/* --- foreign memory */

static void foreign(void **state)
{
	xenforeignmemory_handle *f = xenforeignmemory_open(quiet(), 0);
	xen_pfn_t arr[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	int err[8];
	void *p;

	p = xenforeignmemory_map(f, 3, PROT_READ, 8, arr, NULL);
	assert_non_null(p);
	assert_int_equal(fake.mapped_num, 8);
	xenforeignmemory_unmap(f, p, 8);
	/* one bad frame: fatal without a place to tell, else told */
	fake.map_errs[5] = -EINVAL;
	assert_null(xenforeignmemory_map(f, 3, PROT_READ, 8, arr, NULL));
	assert_int_equal(errno, EINVAL);
	p = xenforeignmemory_map(f, 3, PROT_READ, 8, arr, err);
	assert_non_null(p);
	assert_int_equal(err[5], -EINVAL);
	assert_int_equal(err[4], 0);
	xenforeignmemory_unmap(f, p, 8);
	fake.map_err = EPERM;
	assert_null(xenforeignmemory_map(f, 3, PROT_READ, 8, arr, err));
	assert_int_equal(errno, EPERM);
	assert_null(xenforeignmemory_map(f, 3, PROT_READ, 0, arr, err));
	assert_int_equal(errno, EINVAL);
	xenforeignmemory_close(f);
}

/* --- grants and events */

static void grants(void **state)
{
	xengnttab_handle *g = xengnttab_open(quiet(), 0);
	uint32_t refs[3] = { 8, 9, 10 };
	void *p;

	fake.index = 4096;
	p = xengnttab_map_domain_grant_refs(g, 3, 1, refs, PROT_READ);
	assert_non_null(p);
	assert_int_equal(fake.grant_count, 3);
	assert_int_equal(fake.notify_action, 0);
	assert_int_equal(xengnttab_unmap(g, p, 2), -1); /* another count than was mapped */
	assert_int_equal(errno, EINVAL);
	assert_int_equal(xengnttab_unmap(g, p, 3), 0);
	assert_int_equal(fake.unmapped, 3);
	p = xengnttab_map_grant_ref_notify(g, 1, 8, PROT_READ, 20, 7);
	assert_non_null(p);
	assert_int_equal(fake.notify_action, UNMAP_NOTIFY_CLEAR_BYTE | UNMAP_NOTIFY_SEND_EVENT);
	assert_int_equal(fake.notify_index, 4096 + 20);
	xengnttab_unmap(g, p, 1);
	/* the last step fails: the first ones are undone */
	fake.unmapped = 0;
	fake.result = -EINVAL;
	assert_null(xengnttab_map_grant_ref_notify(g, 1, 8, PROT_READ, 20, 7));
	assert_int_equal(errno, EINVAL);
	assert_int_equal(fake.unmapped, 1);
	assert_null(xengnttab_map_domain_grant_refs(g, 0, 1, refs, PROT_READ));
	assert_int_equal(xengnttab_unmap(g, NULL, 1), -1);
	xengnttab_close(g);
}

static void events(void **state)
{
	xenevtchn_handle *e = xenevtchn_open(quiet(), 0);
	const uint32_t port = 9;

	assert_int_equal(xenevtchn_bind_interdomain(e, 1, 41), 42);
	assert_int_equal(write(xenevtchn_fd(e), &port, sizeof(port)), sizeof(port));
	lseek(xenevtchn_fd(e), 0, SEEK_SET);
	assert_int_equal(xenevtchn_pending(e), 9);
	assert_int_equal(xenevtchn_unmask(e, 9), 0);
	assert_null(xenevtchn_open(quiet(), 0x80));
	assert_int_equal(errno, EINVAL);
	xenevtchn_close(e);
}

/* Giving up other domains reaches all handles: by ioctl, or by losing the device. */
static void restrict_all(void **state)
{
	xenevtchn_handle *e = xenevtchn_open(quiet(), 0);
	xenforeignmemory_handle *f = xenforeignmemory_open(quiet(), 0);
	xencall_handle *x = xencall_open(quiet(), 0);
	char path[64], target[64] = "";

	xenforeignmemory_close(f); /* closed ones are forgotten */
	assert_int_equal(xentoolcore_restrict_all(5), 0);
	assert_int_equal(fake.restricted, 5);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", xencall_fd(x));
	assert_true(readlink(path, target, sizeof(target) - 1) > 0);
	assert_string_equal(target, "/dev/null");
	fake.open_fds++; /* /dev/null was not counted when it was opened */
	xencall_close(x);
	xenevtchn_close(e);
}

/* --- messages */

static void messages(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	xentoollog_logger_stdiostream *l = xtl_createlogger_stdiostream(f, XTL_WARN, 0);

	errno = 77;
	xtl_log((xentoollog_logger *)l, XTL_INFO, -1, "who", "hidden %d", 1);
	xtl_log((xentoollog_logger *)l, XTL_ERROR, ENOENT, "who", "shown %d", 2);
	xtl_progress((xentoollog_logger *)l, "who", "things", 1, 2);
	assert_int_equal(errno, 77);
	fflush(f);
	assert_string_equal(text, "who: error: shown 2: No such file or directory\n");
	xtl_stdiostream_set_minlevel(l, XTL_DEBUG);
	for (unsigned long i = 0; i <= 100; i++)
		xtl_progress((xentoollog_logger *)l, NULL, "things", i, 100);
	fflush(f);
	assert_non_null(strstr(text, "progress: things: 50/100   50%\n"));
	assert_null(strstr(text, "51%"));
	assert_string_equal(xtl_level_to_string(XTL_WARN), "warning");
	assert_non_null(xtl_level_to_string(99));
	xtl_logger_destroy((xentoollog_logger *)l);
	fclose(f);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(calls, reset, all_closed),
		cmocka_unit_test_setup_teardown(buffers, reset, all_closed),
		cmocka_unit_test_setup_teardown(no_devices, reset, all_closed),
		cmocka_unit_test_setup_teardown(foreign, reset, all_closed),
		cmocka_unit_test_setup_teardown(grants, reset, all_closed),
		cmocka_unit_test_setup_teardown(events, reset, all_closed),
		cmocka_unit_test_setup_teardown(restrict_all, reset, all_closed),
		cmocka_unit_test(messages),
	};
	int rc = cmocka_run_group_tests(tests, NULL, NULL);

	xtl_logger_destroy(quiet());
	return rc;
}
