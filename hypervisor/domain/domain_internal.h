/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DOMAIN_INTERNAL_H
#define DOMAIN_INTERNAL_H

struct domain;
struct vcpu;

void vcpu_free(struct vcpu *v);
/* Gives back the frames that hold vcpu_info areas. */
void domain_vcpu_infos_unmap(struct domain *d);

/* sched/ops.c */
void sched_watchdogs_kill(struct domain *d);

/* x86/cpu_policy.c */
int arch_domain_policy_init(struct domain *d);
void arch_domain_policy_free(struct domain *d);

#endif
