/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * libxenstat: figures about the host and its domains at one moment.
 *
 * A snapshot is taken by xenstat_get_node(); what the other functions return belongs to it and is gone with it. Memory
 * is in bytes, time in nanoseconds, counts are since the creation of what they count.
 */
#ifndef XENSTAT_H
#define XENSTAT_H
#include <stdbool.h>
typedef struct xenstat_handle xenstat_handle;
typedef struct xenstat_domain xenstat_domain;
typedef struct xenstat_node xenstat_node;
typedef struct xenstat_vcpu xenstat_vcpu;
typedef struct xenstat_network xenstat_network;
typedef struct xenstat_vbd xenstat_vbd;

/* NULL with errno on failure: not in Domain 0, no store. */
xenstat_handle *xenstat_init(void);
void xenstat_uninit(xenstat_handle *handle);

/* What to collect. */
#define XENSTAT_VCPU        0x1
#define XENSTAT_NETWORK     0x2
#define XENSTAT_XEN_VERSION 0x4
#define XENSTAT_VBD         0x8
#define XENSTAT_ALL         (XENSTAT_VCPU | XENSTAT_NETWORK | XENSTAT_XEN_VERSION | XENSTAT_VBD)

/* A snapshot; NULL with errno on failure. */
xenstat_node *xenstat_get_node(xenstat_handle *handle, unsigned int flags);
void xenstat_free_node(xenstat_node *node);

/* By number, or by place 0 to xenstat_node_num_domains() - 1; NULL: there is none. */
xenstat_domain *xenstat_node_domain(xenstat_node *node, unsigned int domid);
xenstat_domain *xenstat_node_domain_by_index(xenstat_node *node, unsigned index);

/* Such as "4.17.0"; NULL without XENSTAT_XEN_VERSION. */
const char *xenstat_node_xen_version(xenstat_node *node);

/* Of the host: memory, and what of it is free. Freeable, in MiB, is always 0: nothing is kept back. */
unsigned long long xenstat_node_tot_mem(xenstat_node *node);
unsigned long long xenstat_node_free_mem(xenstat_node *node);
long xenstat_node_freeable_mb(xenstat_node *node);

/* Of the host: domains, CPUs, and their rate. */
unsigned int xenstat_node_num_domains(xenstat_node *node);
unsigned int xenstat_node_num_cpus(xenstat_node *node);
unsigned long long xenstat_node_cpu_hz(xenstat_node *node);

/* The name is "" where the store has none. */
unsigned xenstat_domain_id(xenstat_domain *domain);
char *xenstat_domain_name(xenstat_domain *domain);

/* CPU time of all its vCPUs. */
unsigned long long xenstat_domain_cpu_ns(xenstat_domain *domain);

/* vCPUs by number from 0; there are none without XENSTAT_VCPU. */
unsigned int xenstat_domain_num_vcpus(xenstat_domain *domain);
xenstat_vcpu *xenstat_domain_vcpu(xenstat_domain *domain, unsigned int vcpu);

/* What it has, and what it may have at most; all ones: no limit. */
unsigned long long xenstat_domain_cur_mem(xenstat_domain *domain);
unsigned long long xenstat_domain_max_mem(xenstat_domain *domain);

/* Its label's number, 0 without a policy. */
unsigned int xenstat_domain_ssid(xenstat_domain *domain);

/* Its state, 1 or 0 each. */
unsigned int xenstat_domain_dying(xenstat_domain *domain);
unsigned int xenstat_domain_crashed(xenstat_domain *domain);
unsigned int xenstat_domain_shutdown(xenstat_domain *domain);
unsigned int xenstat_domain_paused(xenstat_domain *domain);
unsigned int xenstat_domain_blocked(xenstat_domain *domain);
unsigned int xenstat_domain_running(xenstat_domain *domain);

/* Interfaces and disks by place from 0; there are none without XENSTAT_NETWORK, XENSTAT_VBD. */
unsigned int xenstat_domain_num_networks(xenstat_domain *);
xenstat_network *xenstat_domain_network(xenstat_domain *domain, unsigned int network);
unsigned int xenstat_domain_num_vbds(xenstat_domain *);
xenstat_vbd *xenstat_domain_vbd(xenstat_domain *domain, unsigned int vbd);

/* Whether it is up, and the CPU time that it had. */
unsigned int xenstat_vcpu_online(xenstat_vcpu *vcpu);
unsigned long long xenstat_vcpu_ns(xenstat_vcpu *vcpu);

/* Number of the guest's interface; what the guest received (r) and sent (t). */
unsigned int xenstat_network_id(xenstat_network *network);
unsigned long long xenstat_network_rbytes(xenstat_network *network);
unsigned long long xenstat_network_rpackets(xenstat_network *network);
unsigned long long xenstat_network_rerrs(xenstat_network *network);
unsigned long long xenstat_network_rdrop(xenstat_network *network);
unsigned long long xenstat_network_tbytes(xenstat_network *network);
unsigned long long xenstat_network_tpackets(xenstat_network *network);
unsigned long long xenstat_network_terrs(xenstat_network *network);
unsigned long long xenstat_network_tdrop(xenstat_network *network);

/* Who serves the disk: 1 blktap, 2 blkback, 3 qdisk. */
unsigned int xenstat_vbd_type(xenstat_vbd *vbd);

/* The guest's number of the disk; requests that waited for memory, reads, writes; sectors of 512 bytes. */
unsigned int xenstat_vbd_dev(xenstat_vbd *vbd);
unsigned long long xenstat_vbd_oo_reqs(xenstat_vbd *vbd);
unsigned long long xenstat_vbd_rd_reqs(xenstat_vbd *vbd);
unsigned long long xenstat_vbd_wr_reqs(xenstat_vbd *vbd);
unsigned long long xenstat_vbd_rd_sects(xenstat_vbd *vbd);
unsigned long long xenstat_vbd_wr_sects(xenstat_vbd *vbd);

/* Its figures could not be read. */
bool xenstat_vbd_error(xenstat_vbd *vbd);
#endif
