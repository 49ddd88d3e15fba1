/* SPDX-License-Identifier: GPL-2.0-only */
/* A pretended host for libxenlight as a whole: domains that are made and go, and what tests do to them. */
#ifndef LIGHT_HOST_H
#define LIGHT_HOST_H

#include <stdbool.h>
#include <stdint.h>

void host_start(void);
/* A build waits until it is let go: how many builds were held so far. */
void host_hold_builds(bool hold);
unsigned host_builds(void);
/* So long at most, at random, does each build and each destruction take. */
void host_slow(unsigned most_us);
void host_take_time(void);
/* Guests take no notice of what they are asked. */
void host_deafen(bool deaf);
void host_shut_down(uint32_t domid, unsigned reason);
unsigned host_domains(void);
/* Nodes of the store, sorted. The caller frees it. */
char *host_store(void);

#endif
