/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef X86_GUEST_CONTEXT_H
#define X86_GUEST_CONTEXT_H

#include <public/xen.h>
#include <public/vcpu.h>

/* What XEN_DOMCTL_setvcpucontext and VCPUOP_initialise carry; one member per guest width. */
union vcpu_guest_context_any { struct vcpu_guest_context nat; };

#endif
