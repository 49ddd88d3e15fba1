/* SPDX-License-Identifier: MIT */
/*
 * USB protocol.
 */
#ifndef __XEN_PUBLIC_IO_USBIF_H__
#define __XEN_PUBLIC_IO_USBIF_H__
#include "ring.h"
#include "../grant_table.h"

enum usb_spec_version {
	USB_VER_UNKNOWN = 0,
	USB_VER_USB11,
	USB_VER_USB20,
	USB_VER_USB30,
};
#define USBIF_PIPE_PORT_MASK                 0x0000001f
#define USBIF_PIPE_UNLINK                    0x00000020
#define USBIF_PIPE_DIR                       0x00000080
#define USBIF_PIPE_DEV_MASK                  0x0000007f
#define USBIF_PIPE_DEV_SHIFT                 8
#define USBIF_PIPE_EP_MASK                   0x0000000f
#define USBIF_PIPE_EP_SHIFT                  15
#define USBIF_PIPE_TYPE_MASK                 0x00000003
#define USBIF_PIPE_TYPE_SHIFT                30
#define USBIF_PIPE_TYPE_ISOC                 0
#define USBIF_PIPE_TYPE_INT                  1
#define USBIF_PIPE_TYPE_CTRL                 2
#define USBIF_PIPE_TYPE_BULK                 3

/* A field of a pipe, and whether its type is the one. */
#define USBIF_PIPE_FIELD_(pipe, what)        ((pipe) >> USBIF_PIPE_##what##_SHIFT & USBIF_PIPE_##what##_MASK)
#define USBIF_PIPE_IS_(pipe, type)           (USBIF_PIPE_FIELD_(pipe, TYPE) == USBIF_PIPE_TYPE_##type)
#define USBIF_PIPE_PORT_SHIFT_               0
#define usbif_pipeportnum(pipe)              ((pipe) >> USBIF_PIPE_PORT_SHIFT_ & USBIF_PIPE_PORT_MASK)
#define usbif_setportnum_pipe(pipe, portnum) ((portnum) << USBIF_PIPE_PORT_SHIFT_ | (pipe))
#define usbif_pipeunlink(pipe)               (USBIF_PIPE_UNLINK & (pipe))
#define usbif_setunlink_pipe(pipe)           (USBIF_PIPE_UNLINK | (pipe))
#define usbif_pipesubmit(pipe)               (usbif_pipeunlink(pipe) == 0)
#define usbif_pipein(pipe)                   (USBIF_PIPE_DIR & (pipe))
#define usbif_pipeout(pipe)                  (usbif_pipein(pipe) == 0)
#define usbif_pipedevice(pipe)               USBIF_PIPE_FIELD_(pipe, DEV)
#define usbif_pipeendpoint(pipe)             USBIF_PIPE_FIELD_(pipe, EP)
#define usbif_pipetype(pipe)                 USBIF_PIPE_FIELD_(pipe, TYPE)
#define usbif_pipeisoc(pipe)                 USBIF_PIPE_IS_(pipe, ISOC)
#define usbif_pipeint(pipe)                  USBIF_PIPE_IS_(pipe, INT)
#define usbif_pipectrl(pipe)                 USBIF_PIPE_IS_(pipe, CTRL)
#define usbif_pipebulk(pipe)                 USBIF_PIPE_IS_(pipe, BULK)
#define USBIF_MAX_SEGMENTS_PER_REQUEST       (16)
#define USBIF_MAX_PORTNR                     31
#define USBIF_RING_SIZE                      4096

struct usbif_request_segment {
	grant_ref_t gref;
	uint16_t offset;
	uint16_t length;
};

struct usbif_urb_request {
	uint16_t id;
	uint16_t nr_buffer_segs;
	uint32_t pipe;
	uint16_t transfer_flags;
#define USBIF_SHORT_NOT_OK 0x0001
	uint16_t buffer_length;
	union {
		uint8_t ctrl[8];
		struct {
			uint16_t interval;
			uint16_t start_frame;
			uint16_t number_of_packets;
			uint16_t nr_frame_desc_segs;
		} isoc;
		struct {
			uint16_t interval;
			uint16_t pad[3];
		} intr;
		struct {
			uint16_t unlink_id;
			uint16_t pad[3];
		} unlink;
	} u;
	struct usbif_request_segment seg[USBIF_MAX_SEGMENTS_PER_REQUEST];
};
typedef struct usbif_urb_request usbif_urb_request_t;

struct usbif_urb_response {
	uint16_t id;
	uint16_t start_frame;
	int32_t status;
#define USBIF_STATUS_OK       0
#define USBIF_STATUS_NODEV    (-19)
#define USBIF_STATUS_INVAL    (-22)
#define USBIF_STATUS_STALL    (-32)
#define USBIF_STATUS_IOERROR  (-71)
#define USBIF_STATUS_BABBLE   (-75)
#define USBIF_STATUS_SHUTDOWN (-108)
	int32_t actual_length;
	int32_t error_count;
};
typedef struct usbif_urb_response usbif_urb_response_t;
DEFINE_RING_TYPES(usbif_urb, struct usbif_urb_request, struct usbif_urb_response);
#define USB_URB_RING_SIZE __CONST_RING_SIZE(usbif_urb, USBIF_RING_SIZE)

struct usbif_conn_request {
	uint16_t id;
};
typedef struct usbif_conn_request usbif_conn_request_t;

struct usbif_conn_response {
	uint16_t id;
	uint8_t portnum;
	uint8_t speed;
#define USBIF_SPEED_NONE 0
#define USBIF_SPEED_LOW  1
#define USBIF_SPEED_FULL 2
#define USBIF_SPEED_HIGH 3
};
typedef struct usbif_conn_response usbif_conn_response_t;
DEFINE_RING_TYPES(usbif_conn, struct usbif_conn_request, struct usbif_conn_response);
#define USB_CONN_RING_SIZE __CONST_RING_SIZE(usbif_conn, USBIF_RING_SIZE)
#endif
