/* SPDX-License-Identifier: GPL-2.0-only */
/* The hypervisor's table of domains by their ids (hv/domain.h), with room for all: a test puts its domains into by_id. */
#ifndef FAKE_DOMAIN_IDS_H
#define FAKE_DOMAIN_IDS_H

#include <hv/domain.h>
#include <hv/lib.h>

static struct domain *by_id[ARRAY_SIZE(domain_ids) * DOMAIN_IDS_PER_PAGE];
struct domain **domain_ids[ARRAY_SIZE(domain_ids)];

static __attribute__((constructor)) void domain_ids_init(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(domain_ids); i++)
		domain_ids[i] = by_id + i * DOMAIN_IDS_PER_PAGE;
}

#endif
