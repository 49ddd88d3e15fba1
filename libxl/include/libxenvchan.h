/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * libxenvchan: byte streams or packets between two domains over shared memory.
 */
#include <xen/io/libxenvchan.h>
#include <xen/xen.h>
#include <xen/sys/evtchn.h>
#include <xenevtchn.h>
#include <xengnttab.h>
struct xentoollog_logger;

/* One direction. */
struct libxenvchan_ring {
	struct ring_shared *shr;
	void *buffer;
	int order;
};

/* server_persist: stay after the client left. blocking: calls wait for the other side; not so at first. */
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
 * Share a ring with domain and tell it under xs_path; room of at least read_min and
 * write_min bytes.
 */
struct libxenvchan *libxenvchan_server_init(struct xentoollog_logger *logger, int domain,
					    const char *xs_path, size_t read_min, size_t write_min);

struct libxenvchan *libxenvchan_client_init(struct xentoollog_logger *logger, int domain,
					    const char *xs_path);
void libxenvchan_close(struct libxenvchan *ctrl);

/*
 * recv and send move all or nothing, read and write what they can. Bytes, 0 if it would
 * block, -1 on error or when the other side is gone.
 */
int libxenvchan_recv(struct libxenvchan *ctrl, void *data, size_t size);
int libxenvchan_read(struct libxenvchan *ctrl, void *data, size_t size);
int libxenvchan_send(struct libxenvchan *ctrl, const void *data, size_t size);
int libxenvchan_write(struct libxenvchan *ctrl, const void *data, size_t size);

/* Wait for, and clear, one event. */
int libxenvchan_wait(struct libxenvchan *ctrl);
int libxenvchan_fd_for_select(struct libxenvchan *ctrl);
int libxenvchan_is_open(struct libxenvchan *ctrl);
int libxenvchan_data_ready(struct libxenvchan *ctrl);
int libxenvchan_buffer_space(struct libxenvchan *ctrl);
