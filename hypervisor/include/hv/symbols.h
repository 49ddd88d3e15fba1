/* SPDX-License-Identifier: GPL-2.0-only */
/* The image's own table of functions, made from nm's output between two links (tools/symtab.awk). */
#ifndef HV_SYMBOLS_H
#define HV_SYMBOLS_H

#include <hv/types.h>

/* Name of the function that holds @addr; NULL when it is not code of the image. */
const char *symbol_lookup(unsigned long addr, unsigned long *off, unsigned long *size);
/* The @nr-th symbol in address order, for XENPF_get_symbol; false past the last. */
bool symbol_get(unsigned int nr, unsigned long *addr, const char **name);

#endif
