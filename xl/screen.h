/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XL_SCREEN_H
#define XL_SCREEN_H

#include <stdint.h>

enum viewer { VIEWER_NONE, VIEWER_PLAIN, VIEWER_WITH_PASSWORD };

/* In a process of its own. */
void start_viewer(uint32_t domid, enum viewer viewer);

#endif
