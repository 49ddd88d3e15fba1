// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hypercall page of PV guests: 128 stubs of 32 bytes, one per hypercall number.  SYSCALL destroys RCX
 * and R11 (SDM vol. 2), so each stub keeps them on the guest's stack.
 */
#include <hv/lib.h>
#include <pv/dom0.h>
#include <public/xen.h>

#define STUB_SIZE 32

/* push %rcx; push %r11; mov $nr, %eax; syscall; pop %r11; pop %rcx; ret */
static const u8 plain_stub[] = {
	0x51, 0x41, 0x53, 0xb8, 0, 0, 0, 0, 0x0f, 0x05, 0x41, 0x5b, 0x59, 0xc3,
};
#define PLAIN_NR 4

/* iret does not come back: push %rcx; push %r11; push %rax; mov $nr, %eax; syscall (ABI: struct iret_context) */
static const u8 iret_stub[] = {
	0x51, 0x41, 0x53, 0x50, 0xb8, 0, 0, 0, 0, 0x0f, 0x05,
};
#define IRET_NR 5

void pv_fill_hypercall_page(void *page)
{
	u8 *p = page;

	memset(p, 0xcc, PAGE_SIZE);	/* int3 between the stubs */
	for (u32 i = 0; i < PAGE_SIZE / STUB_SIZE; i++, p += STUB_SIZE) {
		bool iret = i == __HYPERVISOR_iret;

		memcpy(p, iret ? iret_stub : plain_stub, iret ? sizeof(iret_stub) : sizeof(plain_stub));
		memcpy(p + (iret ? IRET_NR : PLAIN_NR), &i, sizeof(i));
	}
}
