/* SPDX-License-Identifier: GPL-2.0-only */
/* Grant tables: creation, growth, versions, release. */
#include <hv/heap.h>
#include <hv/keyhandler.h>
#include <hv/lib.h>
#include <hv/softirq.h>
#include <public/domctl.h>

#include "gnttab.h"

#define DEFAULT_MAX_FRAMES 64
#define DEFAULT_MAX_MAPTRACK 1024
#define LIMIT_FRAMES 0x10000

static u32 max_status_frames(u32 frames)
{
	return (u32)DIV_ROUND_UP(frames * GNT_V2_PER_FRAME, GNT_STATUS_PER_FRAME);
}

int grant_table_init(struct domain *d, int max_grant_frames, int max_maptrack_frames, unsigned int options)
{
	struct grant_table *t;
	u32 version = XEN_DOMCTL_GRANT_version(options);

	if (version != 1 && version != 2)
		return -EINVAL;
	if (max_grant_frames < 0)
		max_grant_frames = DEFAULT_MAX_FRAMES;
	if (max_maptrack_frames < 0)
		max_maptrack_frames = DEFAULT_MAX_MAPTRACK;
	if (!max_grant_frames || max_grant_frames > LIMIT_FRAMES || max_maptrack_frames > LIMIT_FRAMES)
		return -EINVAL;
	t = hv_new(struct grant_table);
	if (!t)
		return -ENOMEM;
	spin_init(&t->lock, LOCK_GRANT);
	t->domain = d;
	t->version = 1;
	d->grant_version_max = (u8)version;
	t->max_frames = (u32)max_grant_frames;
	t->max_maptrack_blocks = (u32)max_maptrack_frames;
	t->maptrack_free = MAPTRACK_END;
	t->nr_active_blocks = (u32)DIV_ROUND_UP(t->max_frames * GNT_V1_PER_FRAME, ACTIVE_PER_BLOCK);
	t->shared = hv_new_array(void *, t->max_frames);
	t->status = hv_new_array(void *, max_status_frames(t->max_frames));
	t->active = hv_new_array(struct active_grant *, t->nr_active_blocks);
	t->maptrack = max_maptrack_frames ? hv_new_array(struct maptrack *, t->max_maptrack_blocks) : NULL;
	d->grant = t;
	if (!t->shared || !t->status || !t->active || (max_maptrack_frames && !t->maptrack))
		return -ENOMEM;		/* grant_table_destroy() cleans up */
	return 0;
}

/* Status frames for a table of @nr_frames. */
static bool grow_status(struct grant_table *t, u32 nr_frames)
{
	while (t->nr_status < max_status_frames(nr_frames)) {
		void *page = alloc_hv_page();

		if (!page)
			return false;
		t->status[t->nr_status] = page;
		share_hv_page_with_guest(page, t->domain, SHARE_RW);
		t->nr_status++;
	}
	return true;
}

bool gnt_grow(struct grant_table *t, u32 nr_frames)
{
	if (nr_frames > t->max_frames) {
		printk(LOG_G_WARN "d%u: grant table asked for %u frames, limit %u (max_grant_frames)\n",
		       t->domain->id, nr_frames, t->max_frames);
		return false;
	}
	/* Status first: whoever finds an entry finds its status. */
	if (t->version == 2 && !grow_status(t, nr_frames))
		return false;
	while (t->nr_frames < nr_frames) {
		void *page = alloc_hv_page();

		if (!page)
			return false;
		t->shared[t->nr_frames] = page;
		share_hv_page_with_guest(page, t->domain, SHARE_RW);
		smp_wmb();
		t->nr_frames++;
	}
	return true;
}

noinline_fn struct active_grant *gnt_new_block(struct grant_table *t, u32 ref)
{
	struct active_grant **block = &t->active[ref / ACTIVE_PER_BLOCK];

	*block = alloc_hv_page();
	return *block ? *block + ref % ACTIVE_PER_BLOCK : NULL;
}

/* Nobody can make @t's domain larger who is offered nothing. */
noinline_fn struct active_grant *gnt_new_block_for(struct grant_table *t, u32 ref, u16 who)
{
	/* Flags and domid are the first two fields in both versions. */
	const grant_entry_header_t *h = t->version == 2 ? &gnt_v2(t, ref)->hdr : (const void *)gnt_v1(t, ref);

	if (!(READ_ONCE(h->flags) & GTF_type_mask) || READ_ONCE(h->domid) != who)
		return NULL;
	return gnt_new_block(t, ref);
}

/* The toolstack's reserved entries (console, xenstore) outlive a change of version, mapped or not. */
static bool any_other_pinned(const struct grant_table *t)
{
	for (u32 b = 0; b < t->nr_active_blocks; b++) {
		if (!t->active[b])
			continue;
		for (u32 i = b ? 0 : GNTTAB_NR_RESERVED_ENTRIES; i < ACTIVE_PER_BLOCK; i++)
			if (t->active[b][i].readers | t->active[b][i].writers)
				return true;
	}
	return false;
}

/* What tells the granter of a reserved entry that it is in use. */
static u16 marks(const struct grant_table *t, u32 ref)
{
	const struct active_grant *a = t->active[0] ? &t->active[0][ref] : NULL;

	return !a ? 0 : a->writers ? GTF_reading | GTF_writing : a->readers ? GTF_reading : 0;
}

/* All but the reserved entries is cleared. */
static void to_v2(struct grant_table *t)
{
	grant_entry_v1_t old[GNTTAB_NR_RESERVED_ENTRIES];

	memcpy(old, t->shared[0], sizeof(old));
	for (u32 f = 0; f < t->nr_frames; f++)
		clear_page(t->shared[f]);
	for (u32 i = 0; i < GNTTAB_NR_RESERVED_ENTRIES; i++) {
		grant_entry_v2_t *e = (grant_entry_v2_t *)t->shared[0] + i;

		if ((old[i].flags & GTF_type_mask) != GTF_permit_access)
			continue;
		e->full_page.frame = old[i].frame;
		e->hdr.domid = old[i].domid;
		*gnt_status(t, i) = marks(t, i);
		smp_wmb();
		e->hdr.flags = old[i].flags & (u16)~(GTF_reading | GTF_writing);
	}
}

static void to_v1(struct grant_table *t)
{
	grant_entry_v2_t old[GNTTAB_NR_RESERVED_ENTRIES];

	memcpy(old, t->shared[0], sizeof(old));
	for (u32 f = 0; f < t->nr_frames; f++)
		clear_page(t->shared[f]);
	for (u32 i = 0; i < GNTTAB_NR_RESERVED_ENTRIES; i++) {
		grant_entry_v1_t *e = (grant_entry_v1_t *)t->shared[0] + i;

		if ((old[i].hdr.flags & GTF_type_mask) != GTF_permit_access || (old[i].hdr.flags & GTF_sub_page) ||
		    old[i].full_page.frame >> 32)
			continue;
		e->frame = (u32)old[i].full_page.frame;
		e->domid = old[i].hdr.domid;
		smp_wmb();
		e->flags = old[i].hdr.flags | marks(t, i);
	}
}

/* All or none: version 2 cannot do with a part of them. */
static int drop_status(struct grant_table *t)
{
	u32 n;
	int rc = 0;

	for (n = 0; !rc && n < t->nr_status; n++)
		rc = unshare_hv_page_with_guest(t->status[n], t->domain);
	if (rc) {
		/* The last one that we looked at is still mapped by the guest. */
		for (n--; n; n--)
			share_hv_page_with_guest(t->status[n - 1], t->domain, SHARE_RW);
		return rc;
	}
	while (t->nr_status) {
		free_hv_page(t->status[--t->nr_status]);
		t->status[t->nr_status] = NULL;
	}
	return 0;
}

int gnt_set_version(struct grant_table *t, u32 version)
{
	int rc;

	if (version != 1 && version != 2)
		return -EINVAL;
	if (version > t->domain->grant_version_max)
		return -ENOSYS;
	if (version == t->version)
		return 0;
	if (any_other_pinned(t))
		return -EBUSY;
	if (!t->nr_frames && !gnt_grow(t, 1))
		return -ENOMEM;
	if (version == 2) {
		if (!grow_status(t, t->nr_frames))
			return -ENOMEM;
		to_v2(t);
	} else {
		rc = drop_status(t);
		if (rc)
			return rc;
		to_v1(t);
	}
	t->version = version;
	return 0;
}

/* XENMEM_resource_grant_table_id_shared, _status */
u64 gnttab_resource_frames(struct domain *d, u32 id)
{
	struct grant_table *t = d->grant;

	return !t || id > 1 ? 0 : id ? max_status_frames(t->max_frames) : t->max_frames;
}

int gnttab_get_shared_frame(struct domain *d, unsigned long idx, mfn_t *m)
{
	struct grant_table *t = d->grant;
	int rc = 0;

	if (!t || idx >= t->max_frames)
		return -EINVAL;
	spin_lock(&t->lock);
	if (idx >= t->nr_frames && !gnt_grow(t, (u32)idx + 1))
		rc = -ENOMEM;
	else
		*m = virt_to_mfn(t->shared[idx]);
	spin_unlock(&t->lock);
	return rc;
}

int gnttab_get_status_frame(struct domain *d, unsigned long idx, mfn_t *m)
{
	struct grant_table *t = d->grant;
	int rc = 0;

	if (!t)
		return -EINVAL;
	spin_lock(&t->lock);
	if (t->version != 2 || idx >= max_status_frames(t->max_frames)) {
		rc = -EINVAL;
	} else {
		u32 frames = (u32)DIV_ROUND_UP((idx + 1) * GNT_STATUS_PER_FRAME, GNT_V2_PER_FRAME);

		if (idx >= t->nr_status && !gnt_grow(t, min(frames, t->max_frames)))
			rc = -ENOMEM;
		else
			*m = virt_to_mfn(t->status[idx]);
	}
	spin_unlock(&t->lock);
	return rc;
}

/* Dying: everything this domain mapped of others is given back. Its own page tables go separately. */
int grant_table_relinquish(struct domain *d)
{
	struct grant_table *t = d->grant;

	if (!t)
		return 0;
	for (; t->relinquish_cursor < t->nr_maptrack_blocks * MAPTRACK_PER_BLOCK; t->relinquish_cursor++) {
		if (!(t->relinquish_cursor & 255) && softirq_pending_here())
			return -ERESTART;
		gnt_release_handle(d, t->relinquish_cursor);
	}
	/* Who has its grants mapped keeps the pages; nobody needs what it wrote about them any more. */
	spin_lock(&t->lock);
	while (t->nr_status)
		release_hv_page(t->status[--t->nr_status], d);
	while (t->nr_frames)
		release_hv_page(t->shared[--t->nr_frames], d);
	t->max_frames = 0;
	spin_unlock(&t->lock);
	return 0;
}

void grant_table_destroy(struct domain *d)
{
	struct grant_table *t = d->grant;

	if (!t)
		return;
	while (t->nr_frames)
		release_hv_page(t->shared[--t->nr_frames], d);
	for (u32 i = 0; t->active && i < t->nr_active_blocks; i++)
		if (t->active[i])
			free_hv_page(t->active[i]);
	for (u32 i = 0; i < t->nr_maptrack_blocks; i++)
		free_hv_page(t->maptrack[i]);
	hv_free(t->shared);
	hv_free(t->status);
	hv_free(t->active);
	hv_free(t->maptrack);
	hv_free(t);
	d->grant = NULL;
}

static unsigned int count_holder(const struct active_grant *a, struct grant_holder *list, unsigned int n, unsigned int max)
{
	u32 pins = a->readers + a->writers;
	unsigned int i = 0;

	if (!pins)
		return n;
	while (i < n && list[i].domid != a->domid)
		i++;
	if (i == max)
		return n;
	if (i == n)
		list[n++] = (struct grant_holder){ .domid = a->domid };
	list[i].pins += pins;
	return n;
}

unsigned int grant_holders(struct domain *d, struct grant_holder *list, unsigned int max)
{
	struct grant_table *t = d->grant;
	unsigned int n = 0;

	for (u32 b = 0; t && b < t->nr_active_blocks; b++) {
		/* Blocks stay: the lock is for what is in one, and others need it in between. */
		spin_lock(&t->lock);
		for (u32 i = 0; t->active[b] && i < ACTIVE_PER_BLOCK; i++)
			n = count_holder(&t->active[b][i], list, n, max);
		spin_unlock(&t->lock);
	}
	return n;
}

void gnttab_dump(struct domain *d)
{
	struct grant_table *t = d->grant;

	if (!t)
		return;
	printk("d%u: grant table v%u, %u of %u frames, %u mappings of others\n", d->id, t->version,
	       t->nr_frames, t->max_frames, t->mapped);
	spin_lock(&t->lock);
	for (u32 b = 0; b < t->nr_active_blocks; b++) {
		for (u32 i = 0; t->active[b] && i < ACTIVE_PER_BLOCK; i++) {
			const struct active_grant *a = &t->active[b][i];

			if (a->readers | a->writers)
				printk("  ref %u: frame %lx pinned by d%u, %u readers %u writers\n",
				       (u32)(b * ACTIVE_PER_BLOCK + i), (unsigned long)a->frame, a->domid,
				       a->readers, a->writers);
		}
	}
	spin_unlock(&t->lock);
}

static void dump_all(unsigned char key, struct cpu_user_regs *regs)
{
	struct domain *d;

	for (domid_t id = 0; (d = domain_get_from(id)) != NULL;) {
		gnttab_dump(d);
		id = (domid_t)(d->id + 1);
		domain_put(d);
	}
}

void gnttab_keys_init(void)
{
	register_keyhandler('g', dump_all, "grant tables", false);
}
