/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest's user mode: its kernel's page tables, a stack of its own, and the way back by SYSCALL or a fault. */
#ifndef USER_H
#define USER_H

#include "guest.h"

/* What the iret hypercall takes from the guest's stack (public/arch-x86/xen-x86_64.h). */
#define USER_CS 0xe033
#define USER_SS 0xe02b

/* Leaves for wherever the frame says; does not return. */
void iret_to(const struct iret_context *c) __attribute__((noreturn));
/* Runs @fn in user mode: VECTOR_SYSCALL when it came to its end, else the vector of its fault. */
int user_run(void (*fn)(void));

#endif
