/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include "fake.h"
#include "sched_sim.h"
#include <hv/event.h>
#include <hv/guest_access.h>
#include <hv/lib.h>
#include <hv/softirq.h>
#include <public/domctl.h>
#include <pv/traps.h>
#include <x86/current.h>
#include <x86/smp.h>

struct sim_vcpu sim_vcpus[SIM_MAX_VCPUS];
unsigned int sim_nr, sim_switches, sim_second_looks;
evtchn_port_t sim_pending_port;
static struct domain *domains[SIM_MAX_VCPUS];
static unsigned int nr_domains, nr_sim_cpus;
static bool sim_capped;
static struct domain idle;
static struct vcpu idle_vcpus[FAKE_CPUS];
static s_time_t last_run[FAKE_CPUS];

bool pv_event_deliverable(const struct vcpu *v) { return v->vcpu_info->evtchn_upcall_pending; }
static const struct guest_kind sim_kind = { .name = "sim", .event_deliverable = pv_event_deliverable };

struct cpu_topology cpu_topology[NR_CPUS];
unsigned int cpu_to_node(unsigned int cpu) { return 0; }
void send_guest_vcpu_virq(struct vcpu *v, u32 virq) { v->vcpu_info->evtchn_upcall_pending = 1; vcpu_kick(v); }
bool evtchn_port_is_pending(struct domain *d, evtchn_port_t port) { return port == sim_pending_port; }
bool evtchn_usable_port(struct domain *d, evtchn_port_t port) { return port && port < 100; }
bool vcpu_runstate_write(struct vcpu *v, unsigned long area) { return true; }
bool copy_from_guest_raw(void *dst, unsigned long src, size_t len) { memcpy(dst, (void *)src, len); return true; }
bool copy_to_guest_raw(unsigned long dst, const void *src, size_t len) { memcpy((void *)dst, src, len); return true; }
int domain_shutdown(struct domain *d, u32 reason) { d->is_shutting_down = true; d->shutdown_code = reason; return 0; }
struct domain *domain_get(domid_t id) { return NULL; }
struct domain *domain_get_from(domid_t id) { return id < nr_domains ? domains[id] : NULL; }
void domain_put(struct domain *d) { }

static struct sim_vcpu *sim_of(const struct vcpu *v)
{
	for (unsigned int i = 0; i < sim_nr; i++)
		if (sim_vcpus[i].v == v)
			return &sim_vcpus[i];
	return NULL;
}

void context_switch(struct vcpu *prev, struct vcpu *next)
{
	struct sim_vcpu *s = sim_of(next);

	get_cpu_info()->curr = next;
	last_run[fake_cpu] = fake_now;
	sim_switches++;
	if (!is_idle_vcpu(next) && !cpumask_test_cpu(fake_cpu, &next->hard_affinity))
		bug(__FILE__, __LINE__, "runs where its affinity forbids");
	if (!is_idle_vcpu(next) && !cpumask_test_cpu(fake_cpu, &next->domain->pool->cpus))
		bug(__FILE__, __LINE__, "runs outside its pool");
	if (s && s->woken >= 0) {
		s_time_t waited = fake_now - s->woken;

		s->woken = -1;
		s->sum_latency += waited;
		s->worst_latency = max(s->worst_latency, waited);
	}
	context_saved(prev);
	sim_second_looks += !!softirq_pending_here();
}

void sim_start(unsigned int cpus)
{
	sim_start_sockets(cpus, 1);
}

void sim_start_sockets(unsigned int cpus, unsigned int sockets)
{
	fake_reset(cpus);
	sim_nr = sim_switches = sim_second_looks = nr_domains = 0;
	sim_pending_port = 0;
	sim_capped = false;
	nr_sim_cpus = cpus;
	cpumask_clear(&cpupool0.cpus);
	memset(&idle, 0, sizeof(idle));
	memset(idle_vcpus, 0, sizeof(idle_vcpus));
	idle.id = DOMID_IDLE_;
	idle.kind = &sim_kind;
	for (unsigned int c = 0; c < cpus; c++) {
		fake_cpu = c;
		softirq_cpu_init();
		timer_cpu_init(c);
		cpu_topology[c] = (struct cpu_topology){ .core = c, .socket = c * sockets / cpus };
		idle_vcpus[c].id = c;
		idle_vcpus[c].domain = &idle;
		get_cpu_info()->curr = &idle_vcpus[c];
		sched_vcpu_init(&idle_vcpus[c]);
		if (c == 0)
			sched_init();
		else if (sched_cpu_up(c))
			abort();
		last_run[c] = 0;
	}
	fake_cpu = 0;
}

struct domain *sim_domain(unsigned int nr_vcpus, u16 weight, u16 cap)
{
	struct xen_domctl_scheduler_op op = { .sched_id = XEN_SCHEDULER_CREDIT2, .cmd = XEN_DOMCTL_SCHEDOP_putinfo };
	struct domain *d = calloc(1, sizeof(*d));

	d->id = (domid_t)nr_domains;
	d->kind = &sim_kind;
	d->max_vcpus = nr_vcpus;
	d->vcpu = calloc(nr_vcpus, sizeof(*d->vcpu));
	if (sched_domain_init(d, 0))
		abort();
	for (unsigned int i = 0; i < nr_vcpus; i++) {
		struct vcpu *v = calloc(1, sizeof(*v));

		v->id = i;
		v->domain = d;
		v->vcpu_info = calloc(1, sizeof(*v->vcpu_info));
		d->vcpu[i] = v;
		if (sched_vcpu_init(v))
			abort();
	}
	op.u.credit2.weight = weight;
	op.u.credit2.cap = cap;
	if (sched_adjust(d, &op))
		abort();
	sim_capped |= cap != 0;
	domains[nr_domains++] = d;
	return d;
}

struct sim_vcpu *sim_go(struct domain *d, unsigned int id, s_time_t burst, s_time_t pause)
{
	struct sim_vcpu *s = &sim_vcpus[sim_nr++];

	*s = (struct sim_vcpu){ .v = d->vcpu[id], .burst = burst, .pause = pause, .left = burst, .woken = -1 };
	clear_bit(VPF_DOWN, &s->v->pause_flags);
	vcpu_wake(s->v);
	return s;
}

static void run_softirqs(void)
{
	for (bool again = true; again;) {
		again = false;
		for (fake_cpu = 0; fake_cpu < nr_sim_cpus; fake_cpu++)
			if (softirq_pending_here()) {
				do_softirq();
				again = true;
			}
	}
	fake_cpu = 0;
}

/* What the running vCPUs did since the last look; a finished burst blocks. */
static void account(void)
{
	for (fake_cpu = 0; fake_cpu < nr_sim_cpus; fake_cpu++) {
		struct sim_vcpu *s = sim_of(current);

		if (s && s->burst) {
			s->left -= fake_now - last_run[fake_cpu];
			if (s->left <= 0 && !test_bit(VPF_BLOCKED, &s->v->pause_flags)) {
				s->woken = fake_now + s->pause;
				s->left = s->burst;
				s->wakes++;
				migrate_timer(&s->v->poll_timer, fake_cpu);
				set_timer(&s->v->poll_timer, s->woken);
				vcpu_block_enable_events();
			}
		}
		last_run[fake_cpu] = fake_now;
	}
	fake_cpu = 0;
}

static s_time_t next_date(void)
{
	s_time_t next = TIME_NEVER;

	for (unsigned int c = 0; c < nr_sim_cpus; c++) {
		struct sim_vcpu *s = sim_of(fake_cpu_info[c].curr);

		next = min(next, fake_programmed[c]);
		if (s && s->burst)
			next = min(next, fake_now + (s->left > 0 ? s->left : 1));
	}
	return next;
}

void sim_run(s_time_t until)
{
	run_softirqs();
	while (fake_now < until) {
		s_time_t next = next_date();

		if (next <= fake_now)
			next = fake_now + 1;
		fake_now = min(next, until);
		account();
		for (unsigned int c = 0; c < nr_sim_cpus; c++)
			if (fake_programmed[c] <= fake_now) {
				fake_cpu = c;
				raise_softirq(SOFTIRQ_TIMER);
			}
		run_softirqs();
		/* Nobody idles while somebody waits who may run there. */
		for (unsigned int c = 0; c < nr_sim_cpus; c++)
			for (unsigned int i = 0; is_idle_vcpu(fake_cpu_info[c].curr) && i < sim_nr; i++)
				if (vcpu_runnable(sim_vcpus[i].v) && !sim_vcpus[i].v->is_running &&
				    cpumask_test_cpu(c, &sim_vcpus[i].v->hard_affinity) &&
				    cpumask_test_cpu(c, &sim_vcpus[i].v->domain->pool->cpus) &&
				    !sim_capped)
					bug(__FILE__, __LINE__, "a CPU idles while a vCPU waits");
	}
}

u64 sim_ran(const struct sim_vcpu *s)
{
	return vcpu_cpu_time(s->v);
}

void sim_stop(void)
{
	for (unsigned int i = 0; i < sim_nr; i++) {
		stop_timer(&sim_vcpus[i].v->poll_timer);
		set_bit(VPF_DOWN, &sim_vcpus[i].v->pause_flags);
		vcpu_sleep_nosync(sim_vcpus[i].v);
	}
	run_softirqs();
	for (unsigned int i = 0; i < nr_domains; i++) {
		struct domain *d = domains[i];

		for (unsigned int j = 0; j < d->max_vcpus; j++) {
			sched_vcpu_free(d->vcpu[j]);
			free(d->vcpu[j]->vcpu_info);
			free(d->vcpu[j]);
		}
		sched_domain_free(d);
		free(d->vcpu);
		free(d);
	}
}
