/* SPDX-License-Identifier: GPL-2.0-only */
/* Values as text: bytes that a terminal or a shell would not survive are written as escapes. */
#ifndef XENSTORE_ESCAPE_H
#define XENSTORE_ESCAPE_H

#include <stddef.h>

/* A new string, or NULL. */
char *escape(const char *value, size_t len);
/* In place; the new length. A backslash before anything else just goes away. */
size_t unescape(char *text);

#endif
