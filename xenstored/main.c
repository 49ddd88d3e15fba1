// SPDX-License-Identifier: GPL-2.0-only
/*
 * xenstored: the store of small facts by which domains and their tools find each other.
 *
 * core/ holds the store itself, which knows nothing of this machine. Around it: conn.c (messages),
 * sock.c and domain.c (the two ways in), ring.c (the page shared with a guest), own_ring.c
 * (Domain 0's), control.c (an operator's commands). daemon/ is what xenconsoled needs as well: the
 * loop, the log, the hypervisor.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conn.h"
#include "control.h"
#include "core/store.h"
#include "daemon/daemon.h"
#include "daemon/log.h"
#include "daemon/loop.h"
#include "daemon/xen.h"
#include "domain.h"
#include "image.h"
#include "journal.h"
#include "keeper.h"
#include "live_update.h"
#include "options.h"
#include "recover.h"
#include "sock.h"

static struct store the_store;

static void env_log(struct store *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void env_log(struct store *s, const char *fmt, ...)
{
	char line[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	log_line("%s", line);
}

static const struct store_env env = {
	.send = conn_send,
	.dom_exists = domain_exists,
	.introduce = domain_introduce,
	.release = domain_release,
	.resume = domain_resume,
	.set_target = domain_set_target,
	.introduced = domain_introduced,
	.control = control_command,
	.log = env_log,
};

static bool round_end(void)
{
	bool busy = conns_serve();

	domain_round_end();
	live_update_run();
	journal_round_end(the_store.was_short);
	the_store.was_short = false;
	return busy;
}

static void apply(const struct options *o)
{
	for (int i = 0; i < QUOTA_COUNT; i++)
		if (o->quota_given[i])
			the_store.quota[i] = o->quota[i];
	if (o->soft_given)
		the_store.soft_memory = o->soft_memory;
	the_store.keep_orphans = o->keep_orphans;
	the_store.priv_domid = o->priv_domid;
}

static bool begin(const struct options *o)
{
	if (!store_init(&the_store, &env)) {
		log_line("out of memory");
		return false;
	}
	apply(o);
	return xen_open() && domain_init(&the_store, !o->no_domain_init) && sock_listen(&the_store);
}

/* What the options say holds, and else what the last image was told. */
static bool take_over(const struct options *o)
{
	if (!store_init_bare(&the_store, &env) || !live_update_take_over(&the_store, o))
		return false;
	apply(o);
	if (image_journal() >= 0 && journal_adopt(image_journal(), image_save))
		sock_keep();
	live_update_answer("OK");
	return true;
}

static bool begin_kept(const struct options *o, int fd)
{
	/* Whoever was connected to a store that is lost shall hear of it. */
	keeper_let_go();
	if (!begin(o))
		return false;
	if (fd >= 0 && journal_start(fd, image_save))
		sock_keep_all();
	else
		keeper_forget();
	return true;
}

/* As the last daemon left it, if it did. */
static bool begin_again(const struct options *o)
{
	int was_there, fd = recover_file(o, &was_there);

	if (!was_there || o->no_recovery)
		return begin_kept(o, fd);
	if (!store_init_bare(&the_store, &env))
		return false;
	apply(o);
	switch (recover(&the_store, fd)) {
	case RECOVERED:
		apply(o);
		return true;
	case RECOVER_NOTHING:
		store_fini(&the_store);
		return begin_kept(o, fd);
	default:
		log_line("start with --no-recovery to begin with an empty store");
		return false;
	}
}

static bool start(const struct options *o)
{
	if (o->pid_file && !daemon_pid_file(o->pid_file, "xenstored"))
		return false;
	if (o->trace_file && !trace_open(o->trace_file)) {
		log_line("cannot open trace file %s: %s", o->trace_file, strerror(errno));
		return false;
	}
	if (!loop_init() || !daemon_signals(trace_reopen)) {
		log_line("cannot start: %s", strerror(errno));
		return false;
	}
	return o->live_update ? take_over(o) : begin_again(o);
}

/* Whether the state of the process that started us could be taken over: it reads what we say. */
static int check_state(const struct options *o)
{
	bool ok = loop_init() && store_init_bare(&the_store, &env) && live_update_take_over(&the_store, o);

	return ok ? 0 : 1;
}

int main(int argc, char **argv)
{
	struct options o;
	int ready = -1;

	options_parse(&o, argc, argv);
	log_open("xenstored", true);
	umask(0022);
	live_update_init(argv);
	image_init(&the_store);
	if (o.check_state)
		return check_state(&o);
	/* An image that takes over is where its daemon was. */
	if (!o.no_fork && !o.live_update) {
		ready = daemon_detach();
		if (ready < 0) {
			log_line("cannot fork: %s", strerror(errno));
			return 1;
		}
	}
	if (!start(&o))
		return 1;
	if (o.output_pid) {
		printf("%d\n", getpid());
		fflush(stdout);
	}
	if (!o.no_fork)
		log_open("xenstored", false);
	daemon_ready("xenstored", ready);
	loop_run(round_end);
	/* Who is kept for the next daemon does not notice that this one ends. */
	if (journal_fd() < 0 || !keeper_there())
		sock_unlisten();
	journal_round_end(true);
	if (o.pid_file)
		unlink(o.pid_file);
	return 0;
}
