/* SPDX-License-Identifier: LGPL-2.1-only */
/* Old name of xenstore.h. */
#warning "xs.h is now xenstore.h"
#include <xenstore.h>
