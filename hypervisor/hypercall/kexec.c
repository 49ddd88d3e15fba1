// SPDX-License-Identifier: GPL-2.0-only
/*
 * kexec_op: the control domain loads another kernel, and starts it.
 *
 * An image is described, checked as a whole, then filled frame by frame; that may be interrupted, and goes on where it
 * was when the call is made again (GO_ON).  It counts as loaded when all of it is there.  The contents of a crash image
 * go straight to the memory kept for it, where the one before lies as well: that one is dropped first.
 */
#include <hv/domain.h>
#include <hv/guest_access.h>
#include <hv/hypercall.h>
#include <hv/kexec.h>
#include <hv/lib.h>
#include <public/kexec.h>
#include <x86/current.h>
#include <x86/pgtable.h>
#include <x86/sections.h>

#define GO_ON BIT64(31)		/* beside the command, in a call that goes on */
#define NR_TYPES 2

static spinlock_t kexec_lock = SPINLOCK_INIT(LOCK_DOMCTL);	/* all below; loaded[] is read without by a crash */
static struct kexec_image *loaded[NR_TYPES];
static struct { struct kexec_plan plan; struct kexec_image *image; u32 segment; u64 done; } filling;

struct kexec_image *kexec_loaded(unsigned int type)
{
	return READ_ONCE(loaded[type]);
}

static void drop(unsigned int type)
{
	struct kexec_image *old = loaded[type];

	WRITE_ONCE(loaded[type], NULL);
	smp_mb();
	if (old)
		kexec_image_free(old);
}

static void stop_filling(void)
{
	if (filling.image)
		kexec_image_free(filling.image);
	filling.image = NULL;
}

/* ---- load ---- */

static long read_plan(struct kexec_plan *p, unsigned long arg)
{
	xen_kexec_segment_t seg[KEXEC_SEGMENTS];
	xen_kexec_load_t op;

	if (!arg_read(&op, arg))
		return -EFAULT;
	if (op.nr_segments > KEXEC_SEGMENTS)
		return -EINVAL;
	if (!guest_read_n(seg, op.segments.h, 0, op.nr_segments))
		return -EFAULT;
	*p = (struct kexec_plan){ .type = op.type, .arch = op.arch, .nr = op.nr_segments, .entry = op.entry_maddr };
	for (u32 i = 0; i < p->nr; i++)
		p->segment[i] = (struct kexec_segment){ (unsigned long)seg[i].buf.h.p, seg[i].buf_size,
							seg[i].dest_maddr, seg[i].dest_size };
	return 0;
}

static long begin(unsigned long arg)
{
	const struct kexec_room room = {
		.crash = crash_area, .map = &machine_e820, .end = max(max_page << PAGE_SHIFT, BIT64(32)),
	};
	struct kexec_plan *p = &filling.plan;
	long rc;

	if (filling.image)
		return -EBUSY;
	rc = read_plan(p, arg);
	if (!rc)
		rc = kexec_check(p, &room);
	if (rc)
		return rc;
	filling.image = kexec_image_new(p);
	if (!filling.image)
		return -ENOMEM;
	filling.segment = 0;
	filling.done = 0;
	if (p->type == KEXEC_TYPE_CRASH)
		drop(KEXEC_TYPE_CRASH);
	return 0;
}

static long fill_page(const struct kexec_segment *s, u64 at)
{
	u64 bytes = at < s->buf_size ? min(s->buf_size - at, (u64)PAGE_SIZE) : 0;
	char *to;

	if (!bytes)
		return kexec_image_clear(filling.image, s->dest + at) ? 0 : -ENOMEM;
	to = kexec_image_page(filling.image, s->dest + at);
	if (!to)
		return -ENOMEM;
	memset(to + bytes, 0, PAGE_SIZE - bytes);
	return copy_from_guest_raw(to, s->buf + at, bytes) ? 0 : -EFAULT;
}

/* 0 when all is there; -ERESTART when somebody waits. */
static long fill(void)
{
	const struct kexec_plan *p = &filling.plan;

	for (; filling.segment < p->nr; filling.segment++, filling.done = 0) {
		const struct kexec_segment *s = &p->segment[filling.segment];

		for (; s->buf && filling.done < s->size; filling.done += PAGE_SIZE) {
			long rc = fill_page(s, filling.done);

			if (rc)
				return rc;
			if (hypercall_preempt_check()) {
				filling.done += PAGE_SIZE;
				return -ERESTART;
			}
		}
	}
	return 0;
}

static long load(unsigned long arg, bool go_on)
{
	long rc = go_on ? 0 : begin(arg);

	if (rc)
		return rc;
	if (!filling.image)
		return -EINVAL;		/* unloaded meanwhile, or never begun */
	rc = fill();
	if (rc == -ERESTART)
		return hypercall_continue(2, KEXEC_CMD_kexec_load | GO_ON, arg);
	if (rc) {
		stop_filling();
		return rc;
	}
	kexec_image_complete(filling.image);
	drop(filling.plan.type);
	smp_mb();
	WRITE_ONCE(loaded[filling.plan.type], filling.image);
	filling.image = NULL;
	return 0;
}

/* ---- the others ---- */

static long unload(u32 type)
{
	if (type >= NR_TYPES)
		return -EINVAL;
	/* A load that nobody goes on with must not stand in the way for ever. */
	if (filling.image && filling.plan.type == type)
		stop_filling();
	drop(type);
	return 0;
}

static long get_range(unsigned long arg)
{
	struct memory_range r = { 0 };
	xen_kexec_range_t op;
	int rc = 0;

	if (!arg_read(&op, arg))
		return -EFAULT;
	switch (op.range) {
	case KEXEC_RANGE_MA_CRASH:
		r = crash_area;
		break;
	case KEXEC_RANGE_MA_XEN:
		r = (struct memory_range){ image_paddr, (u64)(image_end - image_start) };
		break;
	case KEXEC_RANGE_MA_CPU:
		rc = crash_cpu_notes(op.nr, &r);
		break;
	case KEXEC_RANGE_MA_VMCOREINFO:
		r = crash_vmcoreinfo();
		break;
	default:
		rc = -EINVAL;
	}
	if (rc)
		return rc;
	op.start = r.start;
	op.size = r.size;
	return arg_write(arg, &op) ? 0 : -EFAULT;
}

static long exec(unsigned long arg)
{
	xen_kexec_exec_t op;

	if (!arg_read(&op, arg))
		return -EFAULT;
	if (op.type != KEXEC_TYPE_DEFAULT && op.type != KEXEC_TYPE_CRASH)
		return -EINVAL;
	if (!loaded[op.type])
		return -ENOENT;
	printk(LOG_WARN "Domain 0 starts the %s kernel that it loaded\n", op.type == KEXEC_TYPE_CRASH ? "crash" : "other");
	if (op.type == KEXEC_TYPE_DEFAULT)
		kexec_reboot(loaded[op.type]);
	kexec_crash(&current->arch.regs);
	return -EBUSY;
}

static long unload_call(unsigned long arg)
{
	xen_kexec_unload_t op;

	return arg_read(&op, arg) ? unload(op.type) : -EFAULT;
}

static long unload_v1(unsigned long arg)
{
	int type;	/* xen_kexec_load_v1, of which nothing else counts here */

	return arg_read(&type, arg) ? unload((u32)type) : -EFAULT;
}

static long status(unsigned long arg)
{
	xen_kexec_status_t op;

	if (!arg_read(&op, arg))
		return -EFAULT;
	return op.type < NR_TYPES ? !!loaded[op.type] : -EINVAL;
}

static long perform(unsigned long cmd, unsigned long arg)
{
	switch (cmd) {
	case KEXEC_CMD_kexec:
		return exec(arg);
	case KEXEC_CMD_kexec_unload_v1:
		return unload_v1(arg);
	case KEXEC_CMD_kexec_get_range:
		return get_range(arg);
	case KEXEC_CMD_kexec_load:
	case KEXEC_CMD_kexec_load | GO_ON:
		return load(arg, cmd & GO_ON);
	case KEXEC_CMD_kexec_unload:
		return unload_call(arg);
	case KEXEC_CMD_kexec_status:
		return status(arg);
	case KEXEC_CMD_kexec_load_v1:	/* page lists of a Domain 0 kernel older than 4.4's interface */
	default:
		return -EINVAL;
	}
}

long do_kexec_op(unsigned long cmd, unsigned long arg)
{
	long rc;

	if (!current->domain->is_privileged)
		return -EPERM;
	spin_lock(&kexec_lock);
	rc = perform(cmd, arg);
	spin_unlock(&kexec_lock);
	return rc;
}
