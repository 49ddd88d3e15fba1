/* SPDX-License-Identifier: LGPL-2.1-only */
/* The machine and its hypervisor. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "light.h"

#include <xen/version.h>

union version_buffer {
	xen_extraversion_t extra;
	xen_compile_info_t cc;
	xen_changeset_info_t changeset;
	xen_capabilities_info_t caps;
	xen_platform_parameters_t platform;
	xen_commandline_t commandline;
	xen_build_id_t build_id;
	unsigned char room[1024];
};

static char *build_id(libxl_ctx *ctx, union version_buffer *u)
{
	char *s;
	int i, len;

	memset(u, 0, sizeof(*u));
	u->build_id.len = (uint32_t)(sizeof(*u) - sizeof(u->build_id));
	len = xc_version(ctx->xch, XENVER_build_id, &u->build_id);
	if (len <= 0)
		return xl_strdup("");
	s = xl_zalloc(2 * (size_t)len + 1);
	for (i = 0; i < len; i++)
		sprintf(s + 2 * i, "%02hhx", u->build_id.buf[i]);
	return s;
}

static void read_version(libxl_ctx *ctx, libxl_version_info *v)
{
	union version_buffer u;
	int n;

	libxl_version_info_init(v);
	n = xc_version(ctx->xch, XENVER_version, NULL);
	v->xen_version_major = n >> 16;
	v->xen_version_minor = n & 0xffff;
	memset(&u, 0, sizeof(u));
	xc_version(ctx->xch, XENVER_extraversion, &u.extra);
	v->xen_version_extra = xl_strdup(u.extra);
	memset(&u, 0, sizeof(u));
	xc_version(ctx->xch, XENVER_compile_info, &u.cc);
	v->compiler = xl_strdup(u.cc.compiler);
	v->compile_by = xl_strdup(u.cc.compile_by);
	v->compile_domain = xl_strdup(u.cc.compile_domain);
	v->compile_date = xl_strdup(u.cc.compile_date);
	memset(&u, 0, sizeof(u));
	xc_version(ctx->xch, XENVER_capabilities, &u.caps);
	v->capabilities = xl_strdup(u.caps);
	memset(&u, 0, sizeof(u));
	xc_version(ctx->xch, XENVER_changeset, &u.changeset);
	v->changeset = xl_strdup(u.changeset);
	memset(&u, 0, sizeof(u));
	xc_version(ctx->xch, XENVER_platform_parameters, &u.platform);
	v->virt_start = u.platform.virt_start;
	v->pagesize = xc_version(ctx->xch, XENVER_pagesize, NULL);
	memset(&u, 0, sizeof(u));
	xc_version(ctx->xch, XENVER_commandline, &u.commandline);
	v->commandline = xl_strdup(u.commandline);
	v->build_id = build_id(ctx, &u);
}

const libxl_version_info *libxl_get_version_info(libxl_ctx *ctx)
{
	XL_ENTER(ctx);
	if (!ctx->version_known) {
		read_version(ctx, &ctx->version);
		ctx->version_known = true;
	}
	return &ctx->version;
}

int libxl_get_physinfo(libxl_ctx *ctx, libxl_physinfo *p)
{
	xc_physinfo_t x = { 0 };
	long shared;

	XL_ENTER(ctx);
	if (xc_physinfo(ctx->xch, &x)) {
		LOGE(ctx, ERROR, "the hypervisor does not describe the machine");
		return ERROR_FAIL;
	}
	libxl_physinfo_init(p);
	p->threads_per_core = x.threads_per_core;
	p->cores_per_socket = x.cores_per_socket;
	p->max_cpu_id = x.max_cpu_id;
	p->nr_cpus = x.nr_cpus;
	p->cpu_khz = x.cpu_khz;
	p->total_pages = x.total_pages;
	p->free_pages = x.free_pages;
	p->scrub_pages = x.scrub_pages;
	p->outstanding_pages = x.outstanding_pages;
	p->max_possible_mfn = x.max_mfn;
	p->nr_nodes = x.nr_nodes;
	memcpy(p->hw_cap, x.hw_cap, sizeof(p->hw_cap));
	shared = xc_sharing_freed_pages(ctx->xch);
	p->sharing_freed_pages = shared > 0 ? (uint64_t)shared : 0;
	shared = xc_sharing_used_frames(ctx->xch);
	p->sharing_used_frames = shared > 0 ? (uint64_t)shared : 0;
	p->cap_hvm = x.capabilities & XEN_SYSCTL_PHYSCAP_hvm;
	p->cap_pv = x.capabilities & XEN_SYSCTL_PHYSCAP_pv;
	p->cap_hvm_directio = x.capabilities & XEN_SYSCTL_PHYSCAP_directio;
	p->cap_hap = x.capabilities & XEN_SYSCTL_PHYSCAP_hap;
	p->cap_shadow = x.capabilities & XEN_SYSCTL_PHYSCAP_shadow;
	p->cap_iommu_hap_pt_share = x.capabilities & XEN_SYSCTL_PHYSCAP_iommu_hap_pt_share;
	p->cap_vmtrace = x.capabilities & XEN_SYSCTL_PHYSCAP_vmtrace;
	p->cap_vpmu = x.capabilities & XEN_SYSCTL_PHYSCAP_vpmu;
	p->cap_gnttab_v1 = x.capabilities & XEN_SYSCTL_PHYSCAP_gnttab_v1;
	p->cap_gnttab_v2 = x.capabilities & XEN_SYSCTL_PHYSCAP_gnttab_v2;
	return 0;
}

int libxl_get_max_cpus(libxl_ctx *ctx)
{
	int n = xc_get_max_cpus(ctx->xch);

	return n < 0 ? ERROR_FAIL : n;
}

int libxl_get_online_cpus(libxl_ctx *ctx)
{
	int n = xc_get_online_cpus(ctx->xch);

	return n < 0 ? ERROR_FAIL : n;
}

int libxl_get_max_nodes(libxl_ctx *ctx)
{
	int n = xc_get_max_nodes(ctx->xch);

	return n < 0 ? ERROR_FAIL : n;
}

libxl_cputopology *libxl_get_cpu_topology(libxl_ctx *ctx, int *nb_cpu_out)
{
	libxl_cputopology *t = NULL;
	xc_cputopo_t *x;
	unsigned i, n = 0;

	XL_ENTER(ctx);
	if (xc_cputopoinfo(ctx->xch, &n, NULL) || !n) {
		LOGE(ctx, ERROR, "the hypervisor does not tell how its processors are arranged");
		return NULL;
	}
	x = xl_zalloc(n * sizeof(*x));
	if (!xc_cputopoinfo(ctx->xch, &n, x)) {
		t = xl_zalloc(n * sizeof(*t));
		for (i = 0; i < n; i++) {
#define ENTRY(v, invalid) ((v) == (invalid) ? LIBXL_CPUTOPOLOGY_INVALID_ENTRY : (v))
			t[i].core = ENTRY(x[i].core, XEN_INVALID_CORE_ID);
			t[i].socket = ENTRY(x[i].socket, XEN_INVALID_SOCKET_ID);
			t[i].node = ENTRY(x[i].node, XEN_INVALID_NODE_ID);
#undef ENTRY
		}
		*nb_cpu_out = (int)n;
	}
	free(x);
	return t;
}

void libxl_cputopology_list_free(libxl_cputopology *list, int nb_cpu)
{
	free(list);
}

libxl_numainfo *libxl_get_numainfo(libxl_ctx *ctx, int *nr)
{
	libxl_numainfo *info = NULL;
	xc_meminfo_t *mem;
	uint32_t *distance;
	unsigned i, j, n = 0;

	XL_ENTER(ctx);
	if (xc_numainfo(ctx->xch, &n, NULL, NULL) || !n) {
		LOGE(ctx, ERROR, "the hypervisor does not describe its memory nodes");
		return NULL;
	}
	mem = xl_zalloc(n * sizeof(*mem));
	distance = xl_zalloc((size_t)n * n * sizeof(*distance));
	if (!xc_numainfo(ctx->xch, &n, mem, distance)) {
		info = xl_zalloc(n * sizeof(*info));
		for (i = 0; i < n; i++) {
			info[i].size = mem[i].memsize;
			info[i].free = mem[i].memfree;
			info[i].num_dists = (int)n;
			info[i].dists = xl_zalloc(n * sizeof(uint32_t));
			for (j = 0; j < n; j++)
				info[i].dists[j] = distance[i * n + j];
		}
		*nr = (int)n;
	}
	free(mem);
	free(distance);
	return info;
}

void libxl_numainfo_list_free(libxl_numainfo *list, int nr)
{
	int i;

	for (i = 0; i < nr; i++)
		libxl_numainfo_dispose(&list[i]);
	free(list);
}

/* Bitmaps as large as the host. */

static int sized_bitmap(libxl_ctx *ctx, libxl_bitmap *map, int wanted, int (*host)(xc_interface *))
{
	if (wanted < 0)
		return ERROR_INVAL;
	if (!wanted)
		wanted = host(ctx->xch);
	return wanted <= 0 ? ERROR_FAIL : libxl_bitmap_alloc(ctx, map, wanted);
}

int libxl_cpu_bitmap_alloc(libxl_ctx *ctx, libxl_bitmap *cpumap, int max_cpus)
{
	return sized_bitmap(ctx, cpumap, max_cpus, xc_get_max_cpus);
}

int libxl_node_bitmap_alloc(libxl_ctx *ctx, libxl_bitmap *nodemap, int max_nodes)
{
	return sized_bitmap(ctx, nodemap, max_nodes, xc_get_max_nodes);
}

static int walk_topology(libxl_ctx *ctx, void (*fn)(int cpu, const libxl_cputopology *t, void *arg),
	void *arg)
{
	int i, n;
	libxl_cputopology *t = libxl_get_cpu_topology(ctx, &n);

	if (!t)
		return ERROR_FAIL;
	for (i = 0; i < n; i++)
		if (t[i].node != LIBXL_CPUTOPOLOGY_INVALID_ENTRY)
			fn(i, &t[i], arg);
	libxl_cputopology_list_free(t, n);
	return 0;
}

struct map_pair {
	const libxl_bitmap *from;
	libxl_bitmap *to;
};

static void add_cpu_of_node(int cpu, const libxl_cputopology *t, void *arg)
{
	struct map_pair *p = arg;

	if (libxl_bitmap_test(p->from, (int)t->node))
		libxl_bitmap_set(p->to, cpu);
}

static void add_node_of_cpu(int cpu, const libxl_cputopology *t, void *arg)
{
	struct map_pair *p = arg;

	if (libxl_bitmap_test(p->from, cpu))
		libxl_bitmap_set(p->to, (int)t->node);
}

static void add_socket(int cpu, const libxl_cputopology *t, void *arg)
{
	libxl_bitmap_set(arg, (int)t->socket);
}

int libxl_nodemap_to_cpumap(libxl_ctx *ctx, const libxl_bitmap *nodemap, libxl_bitmap *cpumap)
{
	struct map_pair p = { nodemap, cpumap };

	libxl_bitmap_set_none(cpumap);
	return walk_topology(ctx, add_cpu_of_node, &p);
}

int libxl_node_to_cpumap(libxl_ctx *ctx, int node, libxl_bitmap *cpumap)
{
	libxl_bitmap one;
	int rc = libxl_node_bitmap_alloc(ctx, &one, 0);

	if (rc)
		return rc;
	libxl_bitmap_set(&one, node);
	rc = libxl_nodemap_to_cpumap(ctx, &one, cpumap);
	libxl_bitmap_dispose(&one);
	return rc;
}

int libxl_cpumap_to_nodemap(libxl_ctx *ctx, const libxl_bitmap *cpumap, libxl_bitmap *nodemap)
{
	struct map_pair p = { cpumap, nodemap };

	libxl_bitmap_set_none(nodemap);
	return walk_topology(ctx, add_node_of_cpu, &p);
}

static void top_socket(int cpu, const libxl_cputopology *t, void *arg)
{
	int *top = arg;

	if ((int)t->socket >= *top)
		*top = (int)t->socket + 1;
}

int libxl_socket_bitmap_alloc(libxl_ctx *ctx, libxl_bitmap *socketmap, int max_sockets)
{
	if (!max_sockets && walk_topology(ctx, top_socket, &max_sockets))
		return ERROR_FAIL;
	return libxl_bitmap_alloc(ctx, socketmap, max_sockets);
}

int libxl_get_online_socketmap(libxl_ctx *ctx, libxl_bitmap *socketmap)
{
	libxl_bitmap_set_none(socketmap);
	return walk_topology(ctx, add_socket, socketmap);
}

/* Messages to and from the hypervisor. */

int libxl_send_debug_keys(libxl_ctx *ctx, char *keys)
{
	if (!xc_send_debug_keys(ctx->xch, keys))
		return 0;
	LOGE(ctx, ERROR, "the hypervisor does not take the debug keys \"%s\"", keys);
	return ERROR_FAIL;
}

struct libxl__xen_console_reader {
	char *text, *line;
	unsigned room, got, pos;
};

#define CONSOLE_START 16384
#define CONSOLE_MOST (8u << 20)

libxl_xen_console_reader *libxl_xen_console_read_start(libxl_ctx *ctx, int clear)
{
	libxl_xen_console_reader *r = xl_zalloc(sizeof(*r));
	uint32_t index;

	XL_ENTER(ctx);
	for (r->room = CONSOLE_START; ; r->room *= 2) {
		r->text = xl_realloc(r->text, r->room + 1);
		r->got = r->room;
		index = 0;
		/* Clear only once it is known that everything fits. */
		if (xc_readconsolering(ctx->xch, r->text, &r->got, 0, 0, &index)) {
			LOGE(ctx, ERROR, "the hypervisor does not show its log");
			libxl_xen_console_read_finish(ctx, r);
			return NULL;
		}
		if (r->got < r->room || r->room >= CONSOLE_MOST)
			break;
	}
	if (clear) {
		r->got = r->room;
		index = 0;
		xc_readconsolering(ctx->xch, r->text, &r->got, 1, 0, &index);
	}
	r->text[r->got] = 0;
	return r;
}

/* 1 and a line with its newline, 0 at the end. The line is valid until the next call. */
int libxl_xen_console_read_line(libxl_ctx *ctx, libxl_xen_console_reader *cr, char **line_r)
{
	char *from = cr->text + cr->pos, *nl;
	size_t len;

	free(cr->line);
	*line_r = cr->line = NULL;
	if (cr->pos >= cr->got)
		return 0;
	nl = memchr(from, '\n', cr->got - cr->pos);
	len = nl ? (size_t)(nl - from) + 1 : cr->got - cr->pos;
	*line_r = cr->line = xl_strndup(from, len);
	cr->pos += (unsigned)len;
	return 1;
}

void libxl_xen_console_read_finish(libxl_ctx *ctx, libxl_xen_console_reader *cr)
{
	if (!cr)
		return;
	free(cr->text);
	free(cr->line);
	free(cr);
}
