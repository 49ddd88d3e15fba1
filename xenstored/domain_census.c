// SPDX-License-Identifier: GPL-2.0-only
/* What became of the domains that the store knows, each time that the hypervisor says that something did. */
#include <errno.h>
#include <string.h>

#include "core/watch.h"
#include "daemon/log.h"
#include "daemon/xen.h"
#include "domain.h"
#include "domain_priv.h"
#include "journal.h"

#define DOMIDS 65536u

/* What became of a domain that the store knows. */
struct census {
	uint8_t state[DOMIDS];
};

static void census_note(uint32_t domid, enum dom_state state, void *arg)
{
	struct census *c = arg;

	c->state[domid % DOMIDS] = (uint8_t)state;
}

/* What became of one domain that the store did not know yet. */
static uint32_t census_look(const struct dom *dom, enum dom_state state)
{
	const struct domain *d = dom->link;

	if (state == DOM_ABSENT || state == DOM_DYING)
		return CENSUS_GONE;
	return d && state == DOM_SHUTDOWN && !d->shutdown ? CENSUS_SHUTDOWN : 0;
}

void domain_census(struct store *s, const struct census_entry *e, size_t n)
{
	bool changed = false;

	for (size_t i = 0; i < n; i++) {
		struct dom *dom = dom_find(s, e[i].domid);

		if (!dom)
			continue;
		changed |= dom->link != NULL;
		if (e[i].what == CENSUS_GONE)
			domain_drop(s, dom);
		else if (dom->link)
			((struct domain *)dom->link)->shutdown = true;
	}
	if (changed)
		watch_fire_special(s, SPECIAL_RELEASE);
}

void domain_take_census(struct store *s)
{
	static struct census_entry entries[DOMIDS];
	static struct census c;
	size_t n = 0;

	memset(&c, 0, sizeof(c));
	if (!xen_each_dom(0, census_note, &c)) {
		log_line("the list of domains cannot be had: %s", strerror(errno));
		return;
	}
	for (size_t i = 0; i < DOM_BUCKETS; i++) {
		for (struct dom *dom = s->doms[i]; dom && n < DOMIDS; dom = dom->next) {
			uint32_t what = dom->domid ? census_look(dom, c.state[dom->domid % DOMIDS]) : 0;

			if (what)
				entries[n++] = (struct census_entry){ dom->domid, what };
		}
	}
	if (!n)
		return;
	journal_note(JOURNAL_CENSUS, 0, entries, n * sizeof(entries[0]));
	domain_census(s, entries, n);
}
