/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the two halves of the pretended host. */
#ifndef FAKEXEN_H
#define FAKEXEN_H

#include <stdbool.h>
#include <stdio.h>

/* $FAKEXEN_FAIL is a list "NAME=ERRNO,...": whether this call is in it; errno is set then. */
bool fake_fails(const char *name);
/* The names of the pretended domains, as xenstore nodes. */
void fake_names(void (*set)(const char *path, const char *value));
/* So much of the store was asked for or changed. */
void fake_request(unsigned int n);
void fake_store_dump(FILE *out);
/* Told to whoever watches path, or a special one such as @releaseDomain. */
void fake_store_fire(const char *path);
/* Of a node that is there. */
bool fake_store_change(const char *path, const char *value);
/* Called with each node that the toolstack writes. */
void fake_written(const char *path, const char *value);

#endif
