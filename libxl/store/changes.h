/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Many writes and removals with as few waits as can be: for libxenlight of this tree alone. Each request costs two
 * switches between its client and the store when it is waited for; these go together, and so do their answers.
 */
#ifndef STORE_CHANGES_H
#define STORE_CHANGES_H

#include "xenstore.h"

struct xs_change {
	const char *path;
	const char *value; /* NULL: it goes, with all below it, if it is there */
	const struct xs_permissions *perms; /* after it was written; NULL: as they are */
	unsigned int nr_perms;
};

/*
 * In their order. False with errno: the first that failed is named; any of the later ones may have been done, so this is
 * for transactions.
 */
bool xs_change_all(struct xs_handle *h, xs_transaction_t t, const struct xs_change *changes, unsigned int n,
		   unsigned int *failed);

#endif
