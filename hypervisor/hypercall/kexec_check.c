// SPDX-License-Identifier: GPL-2.0-only
/* Whether an image may be loaded as it is described. Pure: the control domain's word is looked at, nothing is done. */
#include <hv/elf.h>
#include <hv/kexec.h>
#include <hv/lib.h>

static paddr_t end_of(const struct kexec_segment *s)
{
	return s->dest + s->size;
}

static bool in_crash_area(const struct kexec_segment *s, const struct memory_range *a)
{
	return s->dest >= a->start && end_of(s) <= a->start + a->size;
}

/* One without contents is memory that the image wants to reach, and is written by nobody here. */
static int check_place(const struct kexec_plan *p, const struct kexec_segment *s, const struct kexec_room *room)
{
	if (!IS_ALIGNED(s->dest, PAGE_SIZE) || !IS_ALIGNED(s->size, PAGE_SIZE))
		return -EADDRNOTAVAIL;
	if (s->dest > room->end || s->size > room->end - s->dest)
		return -EADDRNOTAVAIL;
	if (!s->buf)
		return 0;
	if (s->buf_size > s->size)
		return -EINVAL;
	if (p->type == KEXEC_TYPE_CRASH)
		return in_crash_area(s, &room->crash) ? 0 : -EADDRNOTAVAIL;
	return e820_range_is(room->map, s->dest, end_of(s), E820_RAM) ? 0 : -EADDRNOTAVAIL;
}

static bool overlap(const struct kexec_segment *a, const struct kexec_segment *b)
{
	return a->dest < end_of(b) && b->dest < end_of(a);
}

static bool entry_inside(const struct kexec_plan *p)
{
	for (u32 i = 0; i < p->nr; i++)
		if (p->entry >= p->segment[i].dest && p->entry < end_of(&p->segment[i]))
			return true;
	return false;
}

int kexec_check(const struct kexec_plan *p, const struct kexec_room *room)
{
	if (p->type != KEXEC_TYPE_DEFAULT && p->type != KEXEC_TYPE_CRASH)
		return -EINVAL;
	if (p->arch != EM_386 && p->arch != EM_X86_64)
		return -EINVAL;
	if (p->nr > KEXEC_SEGMENTS)
		return -EINVAL;
	for (u32 i = 0; i < p->nr; i++) {
		int rc = check_place(p, &p->segment[i], room);

		if (rc)
			return rc;
		for (u32 j = 0; j < i; j++)
			if (overlap(&p->segment[i], &p->segment[j]))
				return -EINVAL;
		/* Such a kernel addresses no more. */
		if (p->arch == EM_386 && end_of(&p->segment[i]) > BIT64(32))
			return -EADDRNOTAVAIL;
	}
	return entry_inside(p) ? 0 : -EADDRNOTAVAIL;
}
