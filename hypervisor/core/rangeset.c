// SPDX-License-Identifier: GPL-2.0-only
#include <hv/heap.h>
#include <hv/lib.h>
#include <hv/rangeset.h>
#include <hv/spinlock.h>

struct range { u64 s, e; };

struct rangeset {
	rwlock_t lock;
	const char *name;
	u32 nr, room;
	struct range *at;	/* sorted; between two neighbours lies at least one number */
};

struct rangeset *mmio_ro_ranges;

void rangesets_init(void)
{
	if (!mmio_ro_ranges)
		mmio_ro_ranges = rangeset_new("read-only MMIO");
	BUG_ON(!mmio_ro_ranges);
}

struct rangeset *rangeset_new(const char *name)
{
	struct rangeset *r = hv_new(struct rangeset);

	if (r) {
		rwlock_init(&r->lock, LOCK_RANGESET);
		r->name = name;
	}
	return r;
}

void rangeset_free(struct rangeset *r)
{
	if (!r)
		return;
	hv_free(r->at);
	hv_free(r);
}

/* Index of the first range that ends at or after @n; r->nr if none. */
static u32 find(const struct rangeset *r, u64 n)
{
	u32 low = 0, high = r->nr;

	while (low < high) {
		u32 mid = (low + high) / 2;

		if (r->at[mid].e < n)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Puts @nr ranges in the place of those from @first up to (not including) @last. */
static int splice(struct rangeset *r, u32 first, u32 last, const struct range *with, u32 nr)
{
	u32 total = r->nr - (last - first) + nr;

	if (total > r->room) {
		u32 room = max(total, r->room * 2 + 4);
		struct range *grown = hv_zalloc_array(sizeof(*grown), room);

		if (!grown)
			return -ENOMEM;
		if (r->nr)
			memcpy(grown, r->at, r->nr * sizeof(*grown));
		hv_free(r->at);
		r->at = grown;
		r->room = room;
	}
	memmove(r->at + first + nr, r->at + last, (r->nr - last) * sizeof(*r->at));
	if (nr)
		memcpy(r->at + first, with, nr * sizeof(*with));
	r->nr = total;
	return 0;
}

int rangeset_add_range(struct rangeset *r, u64 s, u64 e)
{
	struct range n = { s, e };
	u32 first, last;
	int rc;

	if (s > e)
		return -EINVAL;
	write_lock(&r->lock);
	/* Neighbours that touch are joined too. */
	first = find(r, s ? s - 1 : 0);
	for (last = first; last < r->nr && (e == ~0ULL || r->at[last].s <= e + 1); last++) {
		n.s = min(n.s, r->at[last].s);
		n.e = max(n.e, r->at[last].e);
	}
	rc = splice(r, first, last, &n, 1);
	write_unlock(&r->lock);
	return rc;
}

int rangeset_remove_range(struct rangeset *r, u64 s, u64 e)
{
	struct range rest[2];
	u32 first, last, nr = 0;
	int rc = 0;

	if (s > e)
		return -EINVAL;
	write_lock(&r->lock);
	first = find(r, s);
	for (last = first; last < r->nr && r->at[last].s <= e; last++)
		;
	if (first < last) {
		if (r->at[first].s < s)
			rest[nr++] = (struct range){ r->at[first].s, s - 1 };
		if (r->at[last - 1].e > e)
			rest[nr++] = (struct range){ e + 1, r->at[last - 1].e };
		rc = splice(r, first, last, rest, nr);
	}
	write_unlock(&r->lock);
	return rc;
}

bool rangeset_contains_range(struct rangeset *r, u64 s, u64 e)
{
	bool yes;
	u32 i;

	read_lock(&r->lock);
	i = find(r, s);
	yes = s <= e && i < r->nr && r->at[i].s <= s && r->at[i].e >= e;
	read_unlock(&r->lock);
	return yes;
}

bool rangeset_empty(struct rangeset *r) { return !READ_ONCE(r->nr); }

bool rangeset_next(struct rangeset *r, u64 from, u64 *s, u64 *e)
{
	bool yes;
	u32 i;

	read_lock(&r->lock);
	i = find(r, from);
	yes = i < r->nr;
	if (yes) {
		*s = r->at[i].s;
		*e = r->at[i].e;
	}
	read_unlock(&r->lock);
	return yes;
}
