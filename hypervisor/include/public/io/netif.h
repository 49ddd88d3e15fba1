/* SPDX-License-Identifier: MIT */
/*
 * Network device protocol: transmit, receive and control rings.
 * xenstore, back end: mac, feature-sg, feature-gso-tcpv4, feature-rx-copy, feature-multicast-
 * control, multi-queue-max-queues. Front end: tx-ring-ref, rx-ring-ref, event-channel (or -tx,
 * -rx), request-rx-copy, feature-*.
 */
#ifndef __XEN_PUBLIC_IO_NETIF_H__
#define __XEN_PUBLIC_IO_NETIF_H__
#include "ring.h"
#include "../grant_table.h"

/* A back end accepts packets of at least so many slots. */
#define XEN_NETIF_NR_SLOTS_MIN                 18

/* What a hash of a packet covers: addresses, or addresses and TCP ports. */
#define _XEN_NETIF_CTRL_HASH_TYPE_IPV4         0
#define XEN_NETIF_CTRL_HASH_TYPE_IPV4          (1 << _XEN_NETIF_CTRL_HASH_TYPE_IPV4)
#define _XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP     1
#define XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP      (1 << _XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP)
#define _XEN_NETIF_CTRL_HASH_TYPE_IPV6         2
#define XEN_NETIF_CTRL_HASH_TYPE_IPV6          (1 << _XEN_NETIF_CTRL_HASH_TYPE_IPV6)
#define _XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP     3
#define XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP      (1 << _XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP)
#define XEN_NETIF_CTRL_HASH_ALGORITHM_NONE     0
#define XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ 1
#ifdef XEN_NETIF_DEFINE_TOEPLITZ

/*
 * Toeplitz hash: for each set bit of the data, counted from its most significant end, the 32 bits
 * of the key that begin at the same place are added without carry. The key goes on with zeroes.
 */
static uint32_t xen_netif_toeplitz_hash(const uint8_t *key, unsigned int keylen, const uint8_t *buf,
					unsigned int buflen)
{
	uint32_t hash = 0;

	for (unsigned int i = 0; i < buflen; i++) {
		uint64_t window = 0; /* key bits from byte i on: 40 of them */

		for (unsigned int k = i; k < i + 5; k++)
			window = window << 8 | (k < keylen ? key[k] : 0);
		for (unsigned int bit = 0; bit < 8; bit++)
			if (buf[i] >> (7 - bit) & 1)
				hash ^= (uint32_t)(window >> (8 - bit));
	}
	return hash;
}
#endif

/*
 * A request on the control ring (feature-ctrl-ring): how the guest wants packets hashed and
 * hashes mapped to queues, and grants that stay mapped. data depends on type.
 */
struct xen_netif_ctrl_request {
	uint16_t id;
	uint16_t type;
#define XEN_NETIF_CTRL_TYPE_INVALID               0
#define XEN_NETIF_CTRL_TYPE_GET_HASH_FLAGS        1
#define XEN_NETIF_CTRL_TYPE_SET_HASH_FLAGS        2
#define XEN_NETIF_CTRL_TYPE_SET_HASH_KEY          3
#define XEN_NETIF_CTRL_TYPE_GET_HASH_MAPPING_SIZE 4
#define XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING_SIZE 5
#define XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING      6
#define XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM    7
#define XEN_NETIF_CTRL_TYPE_GET_GREF_MAPPING_SIZE 8
#define XEN_NETIF_CTRL_TYPE_ADD_GREF_MAPPING      9
#define XEN_NETIF_CTRL_TYPE_DEL_GREF_MAPPING      10
	uint32_t data[3];
};

/* id and type are those of the request; data is meaningful on success. */
struct xen_netif_ctrl_response {
	uint16_t id;
	uint16_t type;
	uint32_t status;
#define XEN_NETIF_CTRL_STATUS_SUCCESS           0
#define XEN_NETIF_CTRL_STATUS_NOT_SUPPORTED     1
#define XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER 2
#define XEN_NETIF_CTRL_STATUS_BUFFER_OVERFLOW   3
	uint32_t data;
};

/*
 * An entry of the page that ADD_ and DEL_GREF_MAPPING name; status is written by the back end.
 */
struct xen_netif_gref {
	grant_ref_t ref;
	uint16_t flags;
#define _XEN_NETIF_CTRLF_GREF_readonly 0
#define XEN_NETIF_CTRLF_GREF_readonly  (1U << _XEN_NETIF_CTRLF_GREF_readonly)
	uint16_t status;
};
DEFINE_RING_TYPES(xen_netif_ctrl, struct xen_netif_ctrl_request, struct xen_netif_ctrl_response);

/*
 * Flags of a transmit request. csum_blank: the checksum is not filled in; data_validated: it
 * need not be checked; more_data: the packet goes on in the next slot; extra_info: the next slot
 * is a netif_extra_info.
 */
#define _NETTXF_csum_blank     (0)
#define NETTXF_csum_blank      (1U << _NETTXF_csum_blank)
#define _NETTXF_data_validated (1)
#define NETTXF_data_validated  (1U << _NETTXF_data_validated)
#define _NETTXF_more_data      (2)
#define NETTXF_more_data       (1U << _NETTXF_more_data)
#define _NETTXF_extra_info     (3)
#define NETTXF_extra_info      (1U << _NETTXF_extra_info)
#define XEN_NETIF_MAX_TX_SIZE  0xFFFF

/*
 * A piece of a packet to send: offset and size within one granted page; but in the first slot of
 * a packet, size is that of all of it.
 */
struct netif_tx_request {
	grant_ref_t gref;
	uint16_t offset;
	uint16_t flags;
	uint16_t id;
	uint16_t size;
};
typedef struct netif_tx_request netif_tx_request_t;
#define XEN_NETIF_EXTRA_TYPE_NONE      (0)
#define XEN_NETIF_EXTRA_TYPE_GSO       (1)
#define XEN_NETIF_EXTRA_TYPE_MCAST_ADD (2)
#define XEN_NETIF_EXTRA_TYPE_MCAST_DEL (3)
#define XEN_NETIF_EXTRA_TYPE_HASH      (4)
#define XEN_NETIF_EXTRA_TYPE_MAX       (5)
#define _XEN_NETIF_EXTRA_FLAG_MORE     (0)
#define XEN_NETIF_EXTRA_FLAG_MORE      (1U << _XEN_NETIF_EXTRA_FLAG_MORE)
#define XEN_NETIF_GSO_TYPE_NONE        (0)
#define XEN_NETIF_GSO_TYPE_TCPV4       (1)
#define XEN_NETIF_GSO_TYPE_TCPV6       (2)

/*
 * More about the packet, in a slot of either ring; XEN_NETIF_EXTRA_FLAG_MORE: another such slot
 * follows. gso.size is the largest segment in bytes, mcast.addr a MAC address to receive.
 */
struct netif_extra_info {
	uint8_t type;
	uint8_t flags;
	union {
		struct {
			uint16_t size;
			uint8_t type;
			uint8_t pad;
			uint16_t features;
		} gso;
		struct {
			uint8_t addr[6];
		} mcast;
		struct {
			uint8_t type;
			uint8_t algorithm;
			uint8_t value[4];
		} hash;
		uint16_t pad[3];
	} u;
};
typedef struct netif_extra_info netif_extra_info_t;

/* One for each slot of the request; extra slots get NETIF_RSP_NULL. */
struct netif_tx_response {
	uint16_t id;
	int16_t status;
};
typedef struct netif_tx_response netif_tx_response_t;

/* A granted page to receive into. */
struct netif_rx_request {
	uint16_t id;
	uint16_t pad;
	grant_ref_t gref;
};
typedef struct netif_rx_request netif_rx_request_t;

/* Flags of a receive response: as those of transmission, from the other side. */
#define _NETRXF_data_validated (0)
#define NETRXF_data_validated  (1U << _NETRXF_data_validated)
#define _NETRXF_csum_blank     (1)
#define NETRXF_csum_blank      (1U << _NETRXF_csum_blank)
#define _NETRXF_more_data      (2)
#define NETRXF_more_data       (1U << _NETRXF_more_data)
#define _NETRXF_extra_info     (3)
#define NETRXF_extra_info      (1U << _NETRXF_extra_info)
#define _NETRXF_gso_prefix     (4)
#define NETRXF_gso_prefix      (1U << _NETRXF_gso_prefix)

/*
 * What was received: flags are NETRXF_, status the bytes from offset on, or a negative
 * NETIF_RSP_. The slot is the one of the request with this id.
 */
struct netif_rx_response {
	uint16_t id;
	uint16_t offset;
	uint16_t flags;
	int16_t status;
};
typedef struct netif_rx_response netif_rx_response_t;
DEFINE_RING_TYPES(netif_tx, struct netif_tx_request, struct netif_tx_response);
DEFINE_RING_TYPES(netif_rx, struct netif_rx_request, struct netif_rx_response);
#define NETIF_RSP_DROPPED -2
#define NETIF_RSP_ERROR   -1
#define NETIF_RSP_OKAY    0
#define NETIF_RSP_NULL    1
#endif
