/* SPDX-License-Identifier: GPL-2.0-only */
/* The thunks that indirect branches go through (x86/thunk.h). */
#include <x86/alternative.h>
#include <x86/spec_ctrl.h>
#include <x86/thunk.h>

.macro THUNK reg
	.p2align THUNK_SHIFT
	.globl __x86_indirect_thunk_\reg
	.hidden __x86_indirect_thunk_\reg
__x86_indirect_thunk_\reg:
	RETPOLINE \reg
.endm

	.text
	.p2align THUNK_SHIFT
	.globl thunks_start
thunks_start:
	THUNK rax
	THUNK rcx
	THUNK rdx
	THUNK rbx
	.p2align THUNK_SHIFT
	ud2				/* RSP holds no target */
	THUNK rbp
	THUNK rsi
	THUNK rdi
	THUNK r8
	THUNK r9
	THUNK r10
	THUNK r11
	THUNK r12
	THUNK r13
	THUNK r14
	THUNK r15

	.section .note.GNU-stack, "", @progbits
