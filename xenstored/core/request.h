/* SPDX-License-Identifier: GPL-2.0-only */
/* A message taken apart: what it asks for, checked for form but not yet for rights. */
#ifndef XENSTORED_REQUEST_H
#define XENSTORED_REQUEST_H

#include "store.h"

/* How the body of a message is laid out. */
enum args {
	ARGS_NONE,	   /* whatever it is, it is not looked at */
	ARGS_PATH,	   /* path */
	ARGS_PATH_DATA,	   /* path, then bytes to the end */
	ARGS_PATH_STRINGS, /* path or special watch, then at least one string */
	ARGS_PATH_STRING,  /* path, one string */
	ARGS_WATCH,	   /* path or special watch, token */
	ARGS_FLAG,	   /* "T" or "F" */
	ARGS_DOMID,	   /* domain number */
	ARGS_TWO_DOMIDS,
	ARGS_INTRODUCE, /* domain number, frame, port */
	ARGS_STRINGS,	/* at least one string */
};

#define REQUEST_STRINGS 16u

struct request {
	struct store *s;
	struct client *c;
	struct trans *t; /* NULL: none */
	uint32_t type, req_id, tx_id;
	const char *body;
	size_t len;
	bool replied;

	const char *shown; /* the path as the client gave it */
	int special; /* enum special when the path names one, or -1 */
	const void *data;
	size_t data_len;
	const char *str[REQUEST_STRINGS]; /* strings after the path */
	unsigned int strs;		  /* may be more than str[] holds: they follow str[0] */
	uint32_t domid, domid2, port;
	uint64_t gfn;
	bool flag;
	char path[STORE_ABS_PATH_MAX + 1]; /* last: not cleared for each request */
};

/* Gives an errno. */
int request_decode(struct request *r, enum args args);

#endif
