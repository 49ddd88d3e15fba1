/* SPDX-License-Identifier: LGPL-2.1-only */
/* Old name of xenstore_lib.h. */
#warning "xs_lib.h is now xenstore_lib.h"
#include <xenstore_lib.h>
