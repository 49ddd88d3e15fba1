/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * libxenvchan: byte streams or packets between two domains over shared memory (public/io/libxenvchan.h).
 *
 * One side is the server, which shares the memory; the other the client. Each sends in one ring and receives in the
 * other. Functions return -1 on failure, with errno where a system call failed.
 */
#include <xen/io/libxenvchan.h>
#include <xen/xen.h>
#include <xen/sys/evtchn.h>
#include <xenevtchn.h>
#include <xengnttab.h>
struct xentoollog_logger;

/* One direction: 1 << order bytes at buffer. */
struct libxenvchan_ring {
	struct ring_shared *shr;
	void *buffer;
	int order;
};

/* server_persist: stay open after the client left. blocking: calls wait for the other side; not so at first. */
struct libxenvchan {
	union {
		xengntshr_handle *gntshr;
		xengnttab_handle *gnttab;
	};
	struct vchan_interface *ring;
	xenevtchn_handle *event;
	uint32_t event_port;
	int is_server : 1;
	int server_persist : 1;
	int blocking : 1;
	struct libxenvchan_ring read, write;
	char *xs_path;
};

/*
 * Shares rings with domain, of at least read_min and write_min bytes, and tells it about them under xs_path of the
 * store: ring-ref and event-channel, which only that domain may read. EINVAL: rings of that size do not fit.
 */
struct libxenvchan *libxenvchan_server_init(struct xentoollog_logger *logger, int domain,
					    const char *xs_path, size_t read_min, size_t write_min);

/* The other side. ENOENT: the server has not told anything there yet. */
struct libxenvchan *libxenvchan_client_init(struct xentoollog_logger *logger, int domain,
					    const char *xs_path);

/* Tells the other side, too. The server's part of the store goes. NULL is allowed. */
void libxenvchan_close(struct libxenvchan *ctrl);

/*
 * recv and send move all of size bytes or nothing, read and write what they can (a blocking write: all, in pieces).
 * Bytes moved, 0 if it would block, -1 on error or when the other side is gone; what it had sent can still be read.
 */
int libxenvchan_recv(struct libxenvchan *ctrl, void *data, size_t size);
int libxenvchan_read(struct libxenvchan *ctrl, void *data, size_t size);
int libxenvchan_send(struct libxenvchan *ctrl, const void *data, size_t size);
int libxenvchan_write(struct libxenvchan *ctrl, const void *data, size_t size);

/* Waits for one event and clears it. */
int libxenvchan_wait(struct libxenvchan *ctrl);

/* Readable when there is an event: libxenvchan_wait() then returns at once. */
int libxenvchan_fd_for_select(struct libxenvchan *ctrl);

/* 0: the other side has left, 1: it is there, 2: (server) no client has come yet. */
int libxenvchan_is_open(struct libxenvchan *ctrl);

/* Bytes that can be received, and sent, now; the next change brings an event. */
int libxenvchan_data_ready(struct libxenvchan *ctrl);
int libxenvchan_buffer_space(struct libxenvchan *ctrl);
