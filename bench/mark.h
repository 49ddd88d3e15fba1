/* SPDX-License-Identifier: GPL-2.0-only */
/* The marks between which bench/counter.c counts: long NOPs that no compiler makes. */
#ifndef MARK_H
#define MARK_H

#define MARK_BEGIN 0x58454e01
#define MARK_END 0x58454e02

#define MARK_STRING_(displacement) #displacement
#define MARK_STRING(displacement) MARK_STRING_(displacement)
#define MARK(displacement) \
	__asm__ volatile("nopl " MARK_STRING(displacement) "(%%rax, %%rax, 1)" : : : "memory")

#endif
