/* SPDX-License-Identifier: GPL-2.0-only */
/* Filling in the notes of a crash (x86/crash_notes.c); where they are, hv/kexec.h says. */
#ifndef X86_CRASH_NOTES_H
#define X86_CRASH_NOTES_H

struct cpu_user_regs;

/* The registers of @cpu, on which this runs. */
void crash_notes_save(unsigned int cpu, const struct cpu_user_regs *regs);
/* What is known at the end only. */
void crash_notes_finish(void);

#endif
