/* SPDX-License-Identifier: GPL-2.0-only */
/* What emulated privileged instructions of PV guests reach. */
#ifndef PV_EMUL_H
#define PV_EMUL_H

#include <hv/types.h>

struct vcpu;
struct domain;
struct cpu_user_regs;

/* General register by its encoding, 0 = RAX ... 15 = R15. */
unsigned long *pv_gpr(struct cpu_user_regs *r, unsigned int n);

/* pv/msr.c: false is #GP */
bool pv_read_msr(struct vcpu *v, u32 msr, u64 *val);
bool pv_write_msr(struct vcpu *v, u32 msr, u64 val);
bool pv_write_cr4(struct vcpu *v, unsigned long val);
u64 pv_read_tsc(const struct vcpu *v);
/* CR4 to run @v with. */
unsigned long pv_real_cr4(const struct vcpu *v);

/* pv/ports.c: ports that the domain may not use read as ones and ignore writes. */
u32 pv_port_read(struct domain *d, unsigned int port, unsigned int bytes);
void pv_port_write(struct domain *d, unsigned int port, unsigned int bytes, u32 val);

/* physdev_op's I/O privilege of the calling vCPU. */
long pv_physdev_op(struct vcpu *v, int cmd, unsigned long arg);

#endif
