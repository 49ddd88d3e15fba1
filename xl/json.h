/* SPDX-License-Identifier: GPL-2.0-only */
/* Writes JSON to a stream: objects in an array, one level. */
#ifndef XL_JSON_H
#define XL_JSON_H

#include <stdint.h>
#include <stdio.h>

void json_string(FILE *out, const char *text);
/* "name": value, with the comma before it unless it is the first of its object. */
void json_field_string(FILE *out, int *fields, const char *name, const char *value);
void json_field_number(FILE *out, int *fields, const char *name, uint64_t value);
void json_field_seconds(FILE *out, int *fields, const char *name, uint64_t ns);
void json_open(FILE *out, int *objects, int *fields);
void json_close(FILE *out);

/* Text that is JSON in 4-space indentation, moved right by more. The last newline is left out. */
void json_nested(FILE *out, const char *json, int indent);

#endif
