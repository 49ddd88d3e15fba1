/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * libxendevicemodel: dm_op (public/hvm/dm_op.h), for device models of HVM guests.
 *
 * Functions return 0, or -1 with errno: ENOSYS or EOPNOTSUPP where the hypervisor has no HVM guests, ESRCH for a domain
 * that is not there, EPERM for one that the caller does not serve. Frames are the guest's, of 4096 bytes; intervals
 * include both ends.
 */
#ifndef XENDEVICEMODEL_H
#define XENDEVICEMODEL_H
#include <stdint.h>
#include <xen/xen.h>
#include <xen/hvm/dm_op.h>
#include <xen/hvm/hvm_op.h>
struct xentoollog_logger;
typedef struct xendevicemodel_handle xendevicemodel_handle;

/* logger: where failures are told, NULL for stderr. open_flags must be 0. The descriptor is close-on-exec. */
xendevicemodel_handle *xendevicemodel_open(struct xentoollog_logger *logger,
					   unsigned int open_flags);
int xendevicemodel_close(xendevicemodel_handle *dmod);

/*
 * A place to which accesses of the guest are sent, *id. handle_bufioreq: HVM_IOREQSRV_BUFIOREQ_, whether it has a page
 * for writes that need no answer. It does nothing until it is enabled.
 */
int xendevicemodel_create_ioreq_server(xendevicemodel_handle *dmod, domid_t domid,
				       int handle_bufioreq, ioservid_t *id);

/* Where its pages are in the guest and the port for buffered writes; any pointer may be NULL. */
int xendevicemodel_get_ioreq_server_info(xendevicemodel_handle *dmod, domid_t domid, ioservid_t id,
					 xen_pfn_t *ioreq_gfn, xen_pfn_t *bufioreq_gfn,
					 evtchn_port_t *bufioreq_port);

/* Ports, or with is_mmio addresses, from start to end, that it gets, or gets no longer. EEXIST: it has some already. */
int xendevicemodel_map_io_range_to_ioreq_server(xendevicemodel_handle *dmod, domid_t domid,
						ioservid_t id, int is_mmio, uint64_t start,
						uint64_t end);
int xendevicemodel_unmap_io_range_from_ioreq_server(xendevicemodel_handle *dmod, domid_t domid,
						    ioservid_t id, int is_mmio, uint64_t start,
						    uint64_t end);

/* Accesses (flags: XEN_DMOP_IOREQ_MEM_ACCESS_) to pages of this type (HVMMEM_ioreq_server); flags 0: no longer. */
int xendevicemodel_map_mem_type_to_ioreq_server(xendevicemodel_handle *dmod, domid_t domid,
						ioservid_t id, uint16_t type, uint32_t flags);

/* Configuration space of one PCI function of the guest. */
int xendevicemodel_map_pcidev_to_ioreq_server(xendevicemodel_handle *dmod, domid_t domid,
					      ioservid_t id, uint16_t segment, uint8_t bus,
					      uint8_t device, uint8_t function);
int xendevicemodel_unmap_pcidev_from_ioreq_server(xendevicemodel_handle *dmod, domid_t domid,
						  ioservid_t id, uint16_t segment, uint8_t bus,
						  uint8_t device, uint8_t function);

int xendevicemodel_destroy_ioreq_server(xendevicemodel_handle *dmod, domid_t domid, ioservid_t id);

/* enabled: 1 or 0. Accesses wait for no answer of one that is disabled. */
int xendevicemodel_set_ioreq_server_state(xendevicemodel_handle *dmod, domid_t domid, ioservid_t id,
					  int enabled);

/* Interrupt lines: of a PCI function (intx 0 to 3: INTA to INTD), an ISA interrupt, a global one. level: 1 or 0. */
int xendevicemodel_set_pci_intx_level(xendevicemodel_handle *dmod, domid_t domid, uint16_t segment,
				      uint8_t bus, uint8_t device, uint8_t intx,
				      unsigned int level);
int xendevicemodel_set_isa_irq_level(xendevicemodel_handle *dmod, domid_t domid, uint8_t irq,
				     unsigned int level);
int xendevicemodel_set_irq_level(xendevicemodel_handle *dmod, domid_t domid, unsigned int irq,
				 unsigned int level);

/* The ISA interrupt, 0 to 15, to which PCI link 0 to 3 leads; 0: none. */
int xendevicemodel_set_pci_link_route(xendevicemodel_handle *dmod, domid_t domid, uint8_t link,
				      uint8_t irq);

/* A message as a device would write it: address and data. */
int xendevicemodel_inject_msi(xendevicemodel_handle *dmod, domid_t domid, uint64_t msi_addr,
			      uint32_t msi_data);

/* Which of nr pages from first_pfn on were written since the last call: a bit each. nr 0 ends it. */
int xendevicemodel_track_dirty_vram(xendevicemodel_handle *dmod, domid_t domid, uint64_t first_pfn,
				    uint32_t nr, unsigned long *dirty_bitmap);

/* Tells that the device model wrote to pages, for migration to see; in bulk, by extents. */
int xendevicemodel_modified_memory(xendevicemodel_handle *dmod, domid_t domid, uint64_t first_pfn,
				   uint32_t nr);
int xendevicemodel_modified_memory_bulk(xendevicemodel_handle *dmod, domid_t domid,
					struct xen_dm_op_modified_memory_extent extents[],
					uint32_t nr);

/* Makes nr pages from first_pfn on what mem_type says. */
int xendevicemodel_set_mem_type(xendevicemodel_handle *dmod, domid_t domid, hvmmem_type_t mem_type,
				uint64_t first_pfn, uint32_t nr);

/* An exception or interrupt for one vCPU. type: XEN_DMOP_EVENT_; insn_len: of the instruction, where type needs it;
 * extra: CR2 for a page fault. EBUSY: one is on its way. */
int xendevicemodel_inject_event(xendevicemodel_handle *dmod, domid_t domid, int vcpu,
				uint8_t vector, uint8_t type, uint32_t error_code, uint8_t insn_len,
				uint64_t extra);

/* reason: SHUTDOWN_ of public/sched.h. */
int xendevicemodel_shutdown(xendevicemodel_handle *dmod, domid_t domid, unsigned int reason);

/* Moves size pages of the guest from src_gfn on to dst_gfn. */
int xendevicemodel_relocate_memory(xendevicemodel_handle *dmod, domid_t domid, uint32_t size,
				   uint64_t src_gfn, uint64_t dst_gfn);

/* Cache attributes (XEN_DMOP_MEM_CACHEATTR_) for pages start to end, whatever the guest's tables say. */
int xendevicemodel_pin_memory_cacheattr(xendevicemodel_handle *dmod, domid_t domid, uint64_t start,
					uint64_t end, uint32_t type);

/* How many the guest may have. */
int xendevicemodel_nr_vcpus(xendevicemodel_handle *dmod, domid_t domid, unsigned int *vcpus);

/* Only this domain from now on. There is no way back. */
int xendevicemodel_restrict(xendevicemodel_handle *dmod, domid_t domid);
#endif
