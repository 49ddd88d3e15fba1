/* SPDX-License-Identifier: MIT */
/*
 * Requests to a device model, one slot for each vCPU, and the buffered ring.
 */
#ifndef _IOREQ_H_
#define _IOREQ_H_

/*
 * dir, state and type of a request. COPY is memory, PCI_CONFIG has the function in the upper
 * half of addr.
 */
#define IOREQ_READ            1
#define IOREQ_WRITE           0
#define STATE_IOREQ_NONE      0
#define STATE_IOREQ_READY     1
#define STATE_IOREQ_INPROCESS 2
#define STATE_IORESP_READY    3
#define IOREQ_TYPE_PIO        0
#define IOREQ_TYPE_COPY       1
#define IOREQ_TYPE_PCI_CONFIG 2
#define IOREQ_TYPE_TIMEOFFSET 7
#define IOREQ_TYPE_INVALIDATE 8

/*
 * One access by a vCPU: count times size bytes at addr; data is the value or, if data_is_ptr, a
 * guest-physical address, which moves with df. The server goes from READY to INPROCESS to
 * IORESP_READY, and sends an event on vp_eport.
 */
struct ioreq {
	uint64_t addr;
	uint64_t data;
	uint32_t count;
	uint32_t size;
	uint32_t vp_eport;
	uint16_t _pad0;
	uint8_t state : 4;
	uint8_t data_is_ptr : 1;
	uint8_t dir : 1;
	uint8_t df : 1;
	uint8_t _pad1 : 1;
	uint8_t type;
};
typedef struct ioreq ioreq_t;

struct shared_iopage {
	struct ioreq vcpu_ioreq[1];
};
typedef struct shared_iopage shared_iopage_t;

/*
 * A write that nobody waits for: addr below 1 MiB, size is log2 of the bytes; 8 bytes take two
 * slots.
 */
struct buf_ioreq {
	uint8_t type;
	uint8_t pad : 1;
	uint8_t dir : 1;
	uint8_t size : 2;
	uint32_t addr : 20;
	uint32_t data;
};
typedef struct buf_ioreq buf_ioreq_t;
#define IOREQ_BUFFER_SLOT_NUM 511

/* Pointers run free; slots are modulo IOREQ_BUFFER_SLOT_NUM. */
struct buffered_iopage {
#ifdef __XEN__
	union bufioreq_pointers {
		struct {
#endif
			uint32_t read_pointer;
			uint32_t write_pointer;
#ifdef __XEN__
		};
		uint64_t full;
	} ptrs;
#endif
	buf_ioreq_t buf_ioreq[IOREQ_BUFFER_SLOT_NUM];
};
typedef struct buffered_iopage buffered_iopage_t;

/* Ports of the ACPI registers, of the first and the second layout. */
#define ACPI_PM1A_EVT_BLK_ADDRESS_V0 0x1f40
#define ACPI_PM1A_CNT_BLK_ADDRESS_V0 (ACPI_PM1A_EVT_BLK_ADDRESS_V0 + 0x04)
#define ACPI_PM_TMR_BLK_ADDRESS_V0   (ACPI_PM1A_EVT_BLK_ADDRESS_V0 + 0x08)
#define ACPI_GPE0_BLK_ADDRESS_V0     (ACPI_PM_TMR_BLK_ADDRESS_V0 + 0x20)
#define ACPI_GPE0_BLK_LEN_V0         0x08
#define ACPI_PM1A_EVT_BLK_ADDRESS_V1 0xb000
#define ACPI_PM1A_CNT_BLK_ADDRESS_V1 (ACPI_PM1A_EVT_BLK_ADDRESS_V1 + 0x04)
#define ACPI_PM_TMR_BLK_ADDRESS_V1   (ACPI_PM1A_EVT_BLK_ADDRESS_V1 + 0x08)
#define ACPI_GPE0_BLK_ADDRESS_V1     0xafe0
#define ACPI_GPE0_BLK_LEN_V1         0x04
#define ACPI_PM1A_EVT_BLK_ADDRESS    ACPI_PM1A_EVT_BLK_ADDRESS_V0
#define ACPI_PM1A_CNT_BLK_ADDRESS    ACPI_PM1A_CNT_BLK_ADDRESS_V0
#define ACPI_PM_TMR_BLK_ADDRESS      ACPI_PM_TMR_BLK_ADDRESS_V0
#define ACPI_GPE0_BLK_ADDRESS        ACPI_GPE0_BLK_ADDRESS_V0
#define ACPI_GPE0_BLK_LEN            ACPI_GPE0_BLK_LEN_V0
#endif
