/* SPDX-License-Identifier: MIT */
/*
 * Shared page of a vchan: byte rings between two domains.
 */
#include <stdint.h>
#include <sys/types.h>

struct ring_shared {
	uint32_t cons, prod;
};
#define VCHAN_NOTIFY_WRITE 0x1
#define VCHAN_NOTIFY_READ  0x2

struct vchan_interface {
	struct ring_shared left, right;
	uint16_t left_order, right_order;
	uint8_t cli_live, srv_live;
	uint8_t cli_notify, srv_notify;
	uint32_t grants[0];
};
