/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What --json prints: one document on stdout, in the 4-space layout of libxl's own. docs/schema/xl.json describes
 * them all. A name is NULL in an array and at the top; a text that is NULL is null.
 */
#ifndef XL_JSON_H
#define XL_JSON_H

#include <stdbool.h>
#include <stdint.h>

void json_object(const char *name);
void json_object_end(void);
void json_array(const char *name);
void json_array_end(void);

void json_text(const char *name, const char *text);
void json_number(const char *name, uint64_t value);
/* null where it is negative, which is how libxl says that it does not know. */
void json_known(const char *name, int value);
/* value / 1000, exactly. */
void json_thousandths(const char *name, uint64_t value);
void json_seconds(const char *name, uint64_t ns);
void json_flag(const char *name, bool value);

/* Not of a document: JSON of libxl, whose lines but the first go 8 columns to the right. The last newline is left out. */
void json_nested(const char *json);

#endif
