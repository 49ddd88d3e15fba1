// SPDX-License-Identifier: GPL-2.0-only
/* console_io: lines of Domain 0 and (rate limited, marked) of guests to the hypervisor's console, and input. */
#include <hv/console.h>
#include <hv/domain.h>
#include <hv/guest_access.h>
#include <hv/hypercall.h>
#include <hv/lib.h>
#include <public/xen.h>
#include <x86/current.h>

#define CHUNK 128

static long console_write(unsigned int count, unsigned long buf)
{
	struct domain *d = current->domain;
	char tmp[CHUNK];

	while (count) {
		size_t n = min(count, (unsigned int)CHUNK);

		if (!copy_from_guest_raw(tmp, buf, n))
			return -EFAULT;
		console_guest_write(d, tmp, n, d->is_hardware, d->id);
		buf += n;
		count -= (unsigned int)n;
		if (count && hypercall_preempt_check())
			return hypercall_continue(3, (unsigned long)CONSOLEIO_write, (unsigned long)count, buf);
	}
	return 0;
}

static long console_read(unsigned int count, unsigned long buf)
{
	char tmp[CHUNK];
	unsigned int done = 0;

	while (done < count) {
		size_t n = console_guest_read(tmp, min(count - done, (unsigned int)CHUNK));

		if (!n)
			break;
		if (!copy_to_guest_raw(buf + done, tmp, n))
			return -EFAULT;
		done += (unsigned int)n;
	}
	return done;
}

long do_console_io(unsigned int cmd, unsigned int count, unsigned long buf)
{
	switch (cmd) {
	case CONSOLEIO_write:
		return console_write(count, buf);
	case CONSOLEIO_read:
		/* The result is a count: it must not look like an error. */
		if (count > 0x7fffffff)
			return -E2BIG;
		/* Input belongs to the domain that owns the machine. */
		return current->domain->is_hardware ? console_read(count, buf) : -EPERM;
	default:
		return -ENOSYS;
	}
}
