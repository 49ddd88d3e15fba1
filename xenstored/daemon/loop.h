/* SPDX-License-Identifier: GPL-2.0-only */
/* The one loop: file descriptors are told to the kernel once, and what happens on them calls back. */
#ifndef XENSTORED_LOOP_H
#define XENSTORED_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

struct source {
	int fd;
	uint32_t events; /* EPOLLIN and EPOLLOUT as now asked for */
	void (*handle)(struct source *src, uint32_t events);
};

bool loop_init(void);
bool loop_add(struct source *src, uint32_t events);
void loop_change(struct source *src, uint32_t events);
void loop_del(struct source *src);
/* Runs until loop_stop(). round_end is called before each wait; true asks not to wait. */
void loop_run(bool (*round_end)(void));
void loop_stop(void);

#endif
