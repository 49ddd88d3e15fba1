/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef X86_VGA_H
#define X86_VGA_H

#include <hv/types.h>

/* Whether the screen is the 80x25 text mode that Domain 0 is told of (dom0_vga_console_info). */
bool vga_text_in_use(void);
/* vga=keep: the hypervisor goes on writing to the screen under Domain 0. */
bool vga_keep(void);

#endif
