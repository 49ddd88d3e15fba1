/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HV_CPUMASK_H
#define HV_CPUMASK_H

#include <hv/atomic.h>
#include <hv/lib.h>

#define NR_CPUS 256
typedef struct { unsigned long bits[BITS_TO_LONGS(NR_CPUS)]; } cpumask_t;

extern unsigned int nr_cpus;		/* number of CPU ids in use (ids are dense) */

static inline void cpumask_clear(cpumask_t *m) { *m = (cpumask_t){ { 0 } }; }
static inline void cpumask_setall(cpumask_t *m) { memset(m, 0xff, sizeof(*m)); }
static inline void cpumask_set_cpu(unsigned int c, cpumask_t *m) { set_bit(c, m->bits); }
static inline void cpumask_clear_cpu(unsigned int c, cpumask_t *m) { clear_bit(c, m->bits); }
static inline bool cpumask_test_cpu(unsigned int c, const cpumask_t *m) { return test_bit(c, m->bits); }
static inline unsigned int cpumask_next(unsigned int c, const cpumask_t *m)
{
	return c + 1 < nr_cpus ? find_next_bit(m->bits, NR_CPUS, c + 1) : NR_CPUS;
}
/* In line: the scheduler asks often, and mostly there is one in the first word or none at all. */
static inline unsigned int cpumask_first(const cpumask_t *m)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(m->bits); i++)
		if (m->bits[i])
			return i * BITS_PER_LONG + (unsigned int)__builtin_ctzl(m->bits[i]);
	return NR_CPUS;
}
static inline unsigned int cpumask_weight(const cpumask_t *m) { return bitmap_weight(m->bits, NR_CPUS); }

#define CPUMASK_OP(name, expr) \
static inline void name(cpumask_t *d, const cpumask_t *a, const cpumask_t *b) \
{ \
	for (unsigned int i = 0; i < ARRAY_SIZE(d->bits); i++) \
		d->bits[i] = expr; \
}
CPUMASK_OP(cpumask_and, a->bits[i] & b->bits[i])
CPUMASK_OP(cpumask_or, a->bits[i] | b->bits[i])
CPUMASK_OP(cpumask_andnot, a->bits[i] & ~b->bits[i])

static inline bool cpumask_empty(const cpumask_t *m)
{
	unsigned long any = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(m->bits); i++)
		any |= m->bits[i];
	return !any;
}
static inline bool cpumask_intersects(const cpumask_t *a, const cpumask_t *b)
{
	cpumask_t t;

	cpumask_and(&t, a, b);
	return !cpumask_empty(&t);
}
static inline bool cpumask_equal(const cpumask_t *a, const cpumask_t *b) { return !memcmp(a, b, sizeof(*a)); }

/* Those in use. */
#define for_each_cpu(c, m) for ((c) = cpumask_first(m); (c) < NR_CPUS; (c) = cpumask_next(c, m))

extern cpumask_t cpu_online_map;	/* CPUs that run */
extern cpumask_t cpu_present_map;	/* CPUs that ACPI lists */
#define for_each_online_cpu(c) for_each_cpu(c, &cpu_online_map)
static inline bool cpu_online(unsigned int c) { return c < NR_CPUS && cpumask_test_cpu(c, &cpu_online_map); }

#endif
