/* SPDX-License-Identifier: GPL-2.0-only */
/* Writing and reading records (records.h), in memory. Nothing here knows what they mean. */
#ifndef STATE_STREAM_H
#define STATE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "records.h"

struct state_out {
	uint8_t *buf;
	size_t len, room;
	size_t record;	/* where the present one begins */
	bool no_memory; /* sticky: looked at once, at the end */
};

void state_out_free(struct state_out *o);
void state_put(struct state_out *o, const void *data, size_t len);
/* A string with its NUL. */
void state_put_string(struct state_out *o, const char *str);
/* The header; records follow. */
void state_start(struct state_out *o);
/* Begins a record with its fixed part; more is put, then it ends. */
void state_begin(struct state_out *o, enum rec_type type, const void *fixed, size_t len);
void state_end(struct state_out *o);
/* A record that is no more than its fixed part. */
void state_record(struct state_out *o, enum rec_type type, const void *fixed, size_t len);

struct state_in {
	const uint8_t *start, *at, *end; /* at: the next record */
	uint32_t type;			 /* of the present record ... */
	const uint8_t *body, *body_end;	 /* ... and what of its body is not taken yet */
	char why[200];			 /* empty while all is well */
};

const char *state_type_name(uint32_t type);
/* Notes the first thing that is wrong, and where. Always false. */
bool state_bad(struct state_in *in, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Checks the header. */
bool state_open(struct state_in *in, const void *data, size_t len);
/* The next record; false when there is none, which is wrong too. */
bool state_next(struct state_in *in);
/* From the record's body: a copy of so many bytes; the bytes in place; a string of len with its NUL. */
bool state_take(struct state_in *in, void *to, size_t len);
const void *state_take_bytes(struct state_in *in, size_t len);
const char *state_take_string(struct state_in *in, size_t len);

#endif
