/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PV_VCPU_H
#define PV_VCPU_H

struct vcpu;
int pv_vcpu_init(struct vcpu *v);
void pv_vcpu_free(struct vcpu *v);

#endif
