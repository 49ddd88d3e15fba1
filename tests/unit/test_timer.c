/* SPDX-License-Identifier: GPL-2.0-only */
/* Pairing heap, timers, softirqs and tasklets on the host with a clock of our own. */
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>
#include "fake/fake.h"
#include <hv/pheap.h>
#include <hv/softirq.h>
#include <hv/timer.h>
#include <x86/current.h>

#define N 500

static bool heap_ordered(struct pheap_node *n)
{
	for (struct pheap_node *c = n->child; c; c = c->next)
		if (c->key < n->key || *c->link != c || !heap_ordered(c))
			return false;
	return true;
}

static void heap_sorts_and_removes(void **state)
{
	static struct pheap_node n[N];
	struct pheap h = { 0 };
	unsigned int in = 0;

	srand(1);
	for (int round = 0; round < 20000; round++) {
		struct pheap_node *p = &n[rand() % N];

		if (pheap_linked(p)) {
			pheap_remove(&h, p);
			in--;
		} else {
			p->key = rand() % 1000;
			pheap_insert(&h, p);
			in++;
		}
		if (round % 100 == 0 && h.min)
			assert_true(heap_ordered(h.min));
	}
	s64 last = -1;
	while (h.min) {
		assert_true(h.min->key >= last);
		last = h.min->key;
		pheap_remove(&h, h.min);
		in--;
	}
	assert_int_equal(in, 0);
}

static int fired[8];
static void fire(void *data) { fired[(long)data]++; }

static int setup(void **state)
{
	fake_reset(2);
	for (fake_cpu = 2; fake_cpu-- > 0;) {
		softirq_cpu_init();
		timer_cpu_init(fake_cpu);
	}
	fake_cpu = 0;
	for (int i = 0; i < 8; i++)
		fired[i] = 0;
	return 0;
}

static void fires_in_order_and_once(void **state)
{
	struct timer t[3];

	for (long i = 0; i < 3; i++)
		init_timer(&t[i], fire, (void *)i, 0);
	set_timer(&t[0], 300);
	assert_int_equal(fake_programmed[0], 300);
	set_timer(&t[1], 100);
	assert_int_equal(fake_programmed[0], 100);
	set_timer(&t[2], 200);
	assert_int_equal(fake_programmed[0], 100);
	stop_timer(&t[1]);
	assert_int_equal(fake_programmed[0], 100); /* lazily kept */
	fake_now = 100;
	raise_softirq(SOFTIRQ_TIMER);
	do_softirq();
	assert_int_equal(fired[0] + fired[1] + fired[2], 0);
	assert_int_equal(fake_programmed[0], 200);
	fake_now = 1000;
	raise_softirq(SOFTIRQ_TIMER);
	do_softirq();
	assert_int_equal(fired[0], 1);
	assert_int_equal(fired[1], 0);
	assert_int_equal(fired[2], 1);
	assert_int_equal(fake_programmed[0], TIME_NEVER);
	set_timer(&t[1], 5); /* in the past */
	do_softirq();
	assert_int_equal(fired[1], 1);
	for (int i = 0; i < 3; i++)
		kill_timer(&t[i]);
	set_timer(&t[0], 2000);
	fake_now = 3000;
	raise_softirq(SOFTIRQ_TIMER);
	do_softirq();
	assert_int_equal(fired[0], 1); /* it is dead */
}

static void moves_between_cpus(void **state)
{
	struct timer t;

	init_timer(&t, fire, (void *)4, 0);
	set_timer(&t, 500);
	migrate_timer(&t, 1);
	assert_int_equal(t.cpu, 1);
	assert_int_equal(fake_kicks[1], 1); /* the other CPU programs its own source */
	fake_cpu = 1;
	do_softirq();
	assert_int_equal(fake_programmed[1], 500);
	migrate_timer(&t, 0);
	assert_int_equal(t.cpu, 0);
	fake_cpu = 0;
	fake_now = 501;
	raise_softirq(SOFTIRQ_TIMER);
	do_softirq();
	assert_int_equal(fired[4], 1);
	kill_timer(&t);
}

static struct tasklet again;
static int runs;
static void requeue(void *data)
{
	if (++runs < 3)
		tasklet_schedule(data);
}

static void tasklets(void **state)
{
	runs = 0;
	tasklet_init(&again, requeue, &again);
	tasklet_schedule(&again);
	tasklet_schedule(&again); /* queued once */
	do_softirq();
	assert_int_equal(runs, 3);
	tasklet_schedule_on(&again, 1);
	assert_int_equal(fake_kicks[1], 1);
	fake_cpu = 1;
	do_softirq();
	assert_int_equal(runs, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heap_sorts_and_removes),
		cmocka_unit_test_setup(fires_in_order_and_once, setup),
		cmocka_unit_test_setup(moves_between_cpus, setup),
		cmocka_unit_test_setup(tasklets, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
