// SPDX-License-Identifier: GPL-2.0-only
/* why, of the host: where its memory is, whether a guest would fit, who could give what is missing. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "journal.h"
#include "json.h"
#include "launch.h"
#include "why.h"

/* Less than this libxl leaves to no Domain 0, and no other Linux has much use of. */
#define LEAST_KIB (128 * 1024)

struct share {
	uint32_t domid;
	char *name; /* or NULL */
	const char *run_state;
	uint64_t memory_kib, claimed_kib;
	int64_t target_kib; /* -1: not known */
	uint64_t can_give_kib;
	const char *how; /* to make it give, or NULL */
};

struct host {
	uint64_t total_kib, free_kib, unscrubbed_kib, claimed_kib;
	struct share *shares;
	int count;
	uint64_t need_kib; /* 0: nothing is wanted */
	long creator;	   /* who has the lock of creations; 0: nobody */
};

static bool read_memory(struct host *h)
{
	libxl_physinfo info;
	const uint64_t page_kib = 4;
	bool known;

	libxl_physinfo_init(&info);
	known = !libxl_get_physinfo(ctx, &info) && !libxl_get_free_memory(ctx, &h->free_kib);
	h->total_kib = info.total_pages * page_kib;
	h->unscrubbed_kib = info.scrub_pages * page_kib;
	h->claimed_kib = info.outstanding_pages * page_kib;
	libxl_physinfo_dispose(&info);
	return known;
}

static uint64_t above_least(uint64_t kib)
{
	return kib > LEAST_KIB ? kib - LEAST_KIB : 0;
}

static void judge(struct share *s, const libxl_dominfo *info)
{
	if (info->dying) {
		s->can_give_kib = s->memory_kib;
		s->how = "xl why names who holds it";
	} else if (info->shutdown) {
		s->can_give_kib = s->memory_kib;
		s->how = "xl destroy";
	} else if (!s->domid) {
		s->can_give_kib = above_least(s->memory_kib);
		s->how = may_balloon() ? "by itself, when a domain is created" :
					 "xl mem-set, for xl.conf or dom0_mem= forbid it to do so by itself";
	} else if (s->target_kib >= 0 && !info->paused) {
		/* Only its balloon driver knows how much it can miss. */
		s->can_give_kib = above_least(s->memory_kib);
		s->how = "xl mem-set, if it has a balloon driver and can miss it";
	}
}

static bool read_shares(struct host *h, const struct report *r)
{
	libxl_dominfo *list = libxl_list_domain(ctx, &h->count);

	if (!list)
		return false;
	h->shares = xl_calloc((size_t)h->count, sizeof(*h->shares));
	for (int i = 0; i < h->count; i++) {
		struct share *s = &h->shares[i];

		s->domid = list[i].domid;
		s->name = libxl_domid_to_name(ctx, s->domid);
		s->run_state = run_state(&list[i]);
		s->memory_kib = list[i].current_memkb;
		s->claimed_kib = list[i].outstanding_memkb;
		s->target_kib = store_number(r, "/local/domain/%u/memory/target", s->domid);
		judge(s, &list[i]);
	}
	libxl_dominfo_list_free(list, h->count);
	return true;
}

/* A PV guest with one vCPU and no more than that; others need little more. */
static uint64_t with_overhead(uint64_t wanted_kib)
{
	libxl_domain_config config;
	uint64_t need = wanted_kib;

	libxl_domain_config_init(&config);
	libxl_domain_build_info_init_type(&config.b_info, LIBXL_DOMAIN_TYPE_PV);
	config.b_info.target_memkb = config.b_info.max_memkb = wanted_kib;
	if (libxl_domain_need_memory(ctx, &config, INVALID_DOMID, &need))
		need = wanted_kib;
	libxl_domain_config_dispose(&config);
	return need;
}

static long lock_holder(void)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open(conf.lockfile, O_RDONLY | O_CLOEXEC);
	bool held = fd >= 0 && !fcntl(fd, F_GETLK, &lock) && lock.l_type != F_UNLCK;

	if (fd >= 0)
		close(fd);
	return held ? lock.l_pid : 0;
}

static uint64_t missing(const struct host *h)
{
	return h->need_kib > h->free_kib ? h->need_kib - h->free_kib : 0;
}

static void under_way(struct report *r, const struct host *h)
{
	size_t count;
	struct journal_entry *list = journal_list(&count);
	struct finding *f;
	char *who;

	for (size_t i = 0; i < count; i++) {
		who = by_process(list[i].pid, list[i].since);
		f = report_add(r, list[i].creation ? "creation" : "removal", NULL,
			       "domain `%s' is being %s%s", list[i].name, list[i].creation ? "created" : "removed",
			       who);
		fact_text(f, "name", list[i].name);
		fact_process(f, list[i].pid, list[i].since);
		free(who);
	}
	free(list);
	if (h->creator) {
		who = by_process(h->creator, 0);
		f = report_add(r, "lock", xl_strdup("other creations wait until that one is done"),
			       "the lock of creations that ask domain 0 for memory, %s, is held%s", conf.lockfile, who);
		fact_process(f, h->creator, 0);
		free(who);
	}
}

static void findings(struct report *r, const struct host *h)
{
	struct finding *f;

	under_way(r, h);
	if (missing(h)) {
		f = report_add(r, "memory", xl_strdup("the table has who could give"),
			       "such a guest needs %" PRIu64 " KiB, which are %" PRIu64 " KiB more than are free",
			       h->need_kib, missing(h));
		fact_number(f, "missing_kib", (int64_t)missing(h));
	}
	for (int i = 0; i < h->count; i++) {
		const struct share *s = &h->shares[i];

		if (strcmp(s->run_state, "dying") || !s->memory_kib)
			continue;
		f = report_add(r, "zombie", xl_printf("`xl why %u' names them", s->domid),
			       "domain %u is gone but for %" PRIu64 " KiB that others hold", s->domid, s->memory_kib);
		fact_number(f, "domid", s->domid);
		fact_number(f, "memory_kib", (int64_t)s->memory_kib);
	}
}

static void print_json(const struct host *h, const struct report *r)
{
	json_object(NULL);
	json_number("total_kib", h->total_kib);
	json_number("free_kib", h->free_kib);
	json_number("unscrubbed_kib", h->unscrubbed_kib);
	json_number("claimed_kib", h->claimed_kib);
	if (h->need_kib) {
		json_number("need_kib", h->need_kib);
		json_number("missing_kib", missing(h));
	}
	json_array("domains");
	for (int i = 0; i < h->count; i++) {
		const struct share *s = &h->shares[i];

		json_object(NULL);
		json_number("domid", s->domid);
		json_text("name", s->name);
		json_text("run_state", s->run_state);
		json_number("memory_kib", s->memory_kib);
		json_number("claimed_kib", s->claimed_kib);
		if (s->target_kib >= 0)
			json_number("target_kib", (uint64_t)s->target_kib);
		json_number("can_give_kib", s->can_give_kib);
		json_text("how", s->how);
		json_object_end();
	}
	json_array_end();
	report_json(r);
	json_object_end();
}

static void print_text(const struct host *h, const struct report *r)
{
	printf("Memory: %" PRIu64 " MiB, free %" PRIu64 " MiB, of that not scrubbed yet %" PRIu64 " MiB; claimed %" PRIu64 " MiB\n",
	       h->total_kib / 1024, h->free_kib / 1024, h->unscrubbed_kib / 1024, h->claimed_kib / 1024);
	if (h->need_kib)
		printf("Wanted: %" PRIu64 " MiB with overhead, %s\n", (h->need_kib + 1023) / 1024, missing(h) ? "too much" : "which fit");
	printf("%-32s %5s %8s %8s %8s %9s  %s\n", "Name", "ID", "Mem", "Target", "Claimed", "Can give", "How (sizes in MiB)");
	for (int i = 0; i < h->count; i++) {
		const struct share *s = &h->shares[i];
		char target[24] = "-";

		if (s->target_kib >= 0)
			snprintf(target, sizeof(target), "%" PRId64, s->target_kib / 1024);
		printf("%-32s %5u %8" PRIu64 " %8s %8" PRIu64 " %9" PRIu64 "  %s\n", s->name ? s->name : "(null)", s->domid,
		       s->memory_kib / 1024, target, s->claimed_kib / 1024, s->can_give_kib / 1024, s->how ? s->how : "-");
	}
	report_text(r);
}

int why_host(uint64_t wanted_kib, bool json)
{
	struct report r = { .store = xs_open(0) };
	struct host h = { .creator = lock_holder() };
	int result = XL_EXIT_OK;

	if (!read_memory(&h) || !read_shares(&h, &r)) {
		result = xl_error("the hypervisor does not tell about memory and domains");
		goto out;
	}
	h.need_kib = wanted_kib ? with_overhead(wanted_kib) : 0;
	findings(&r, &h);
	if (json)
		print_json(&h, &r);
	else
		print_text(&h, &r);
out:
	for (int i = 0; h.shares && i < h.count; i++)
		free(h.shares[i].name);
	free(h.shares);
	report_free(&r);
	return result;
}
