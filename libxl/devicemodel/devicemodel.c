// SPDX-License-Identifier: LGPL-2.1-only
/* dm_op by privcmd's ioctl: the operation in the first buffer, data in the others. */
#define __XEN_TOOLS__ 1
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <xen/xen.h>
#include <xen/sys/privcmd.h>

#include "toolcore_internal.h"
#include "xendevicemodel.h"

struct xendevicemodel_handle {
	struct active_handle active;
	struct lib_log log;
	int fd;
};

static int restrict_cb(struct active_handle *ah, domid_t domid)
{
	return xendevicemodel_restrict(container_of(ah, struct xendevicemodel_handle, active), domid);
}

xendevicemodel_handle *xendevicemodel_open(struct xentoollog_logger *logger, unsigned int open_flags)
{
	struct xendevicemodel_handle *dmod;
	int saved;

	if (open_flags) {
		errno = EINVAL;
		return NULL;
	}
	dmod = calloc(1, sizeof(*dmod));
	if (!dmod)
		return NULL;
	dmod->active.restrict_cb = restrict_cb;
	if (lib_log_open(&dmod->log, logger)) {
		free(dmod);
		errno = ENOMEM;
		return NULL;
	}
	dmod->fd = open("/dev/xen/privcmd", O_RDWR | O_CLOEXEC);
	if (dmod->fd < 0) {
		xtl_log(dmod->log.to, XTL_ERROR, errno, "xendevicemodel", "cannot open /dev/xen/privcmd");
		saved = errno;
		lib_log_close(&dmod->log);
		free(dmod);
		errno = saved;
		return NULL;
	}
	xentoolcore__register_active_handle(&dmod->active);
	return dmod;
}

int xendevicemodel_close(xendevicemodel_handle *dmod)
{
	int rc;

	if (!dmod)
		return 0;
	xentoolcore__deregister_active_handle(&dmod->active);
	rc = close(dmod->fd);
	lib_log_close(&dmod->log);
	free(dmod);
	return rc;
}

int xendevicemodel_restrict(xendevicemodel_handle *dmod, domid_t domid)
{
	return ioctl(dmod->fd, IOCTL_PRIVCMD_RESTRICT, &domid);
}

static int dm_op(struct xendevicemodel_handle *dmod, domid_t domid, struct xen_dm_op *op, void *data,
		 size_t size)
{
	privcmd_dm_op_buf_t bufs[2] = {
		{ .uptr = op, .size = sizeof(*op) },
		{ .uptr = data, .size = size },
	};
	privcmd_dm_op_t arg = { .dom = domid, .num = data ? 2 : 1, .ubufs = bufs };
	int rc = ioctl(dmod->fd, IOCTL_PRIVCMD_DM_OP, &arg);

	if (rc < 0 && errno == ENOTTY)
		errno = EOPNOTSUPP;
	return rc;
}

#define DM_OP(name) struct xen_dm_op op = { .op = XEN_DMOP_##name }

int xendevicemodel_create_ioreq_server(xendevicemodel_handle *dmod, domid_t domid, int handle_bufioreq,
				       ioservid_t *id)
{
	DM_OP(create_ioreq_server);
	int rc;

	op.u.create_ioreq_server.handle_bufioreq = (uint8_t)handle_bufioreq;
	rc = dm_op(dmod, domid, &op, NULL, 0);
	if (!rc)
		*id = op.u.create_ioreq_server.id;
	return rc;
}

int xendevicemodel_get_ioreq_server_info(xendevicemodel_handle *dmod, domid_t domid, ioservid_t id,
					 xen_pfn_t *ioreq_gfn, xen_pfn_t *bufioreq_gfn,
					 evtchn_port_t *bufioreq_port)
{
	DM_OP(get_ioreq_server_info);
	struct xen_dm_op_get_ioreq_server_info *info = &op.u.get_ioreq_server_info;
	int rc;

	info->id = id;
	/* Frames are made on demand; a caller without interest maps the resource instead. */
	if (!ioreq_gfn && !bufioreq_gfn)
		info->flags |= XEN_DMOP_no_gfns;
	rc = dm_op(dmod, domid, &op, NULL, 0);
	if (rc)
		return rc;
	if (ioreq_gfn)
		*ioreq_gfn = info->ioreq_gfn;
	if (bufioreq_gfn)
		*bufioreq_gfn = info->bufioreq_gfn;
	if (bufioreq_port)
		*bufioreq_port = info->bufioreq_port;
	return 0;
}

static int io_range(xendevicemodel_handle *dmod, domid_t domid, uint32_t cmd, ioservid_t id, uint32_t type,
		    uint64_t start, uint64_t end)
{
	struct xen_dm_op op = { .op = cmd };
	struct xen_dm_op_ioreq_server_range *range = &op.u.map_io_range_to_ioreq_server;

	range->id = id;
	range->type = type;
	range->start = start;
	range->end = end;
	return dm_op(dmod, domid, &op, NULL, 0);
}

int xendevicemodel_map_io_range_to_ioreq_server(xendevicemodel_handle *dmod, domid_t domid, ioservid_t id,
						int is_mmio, uint64_t start, uint64_t end)
{
	return io_range(dmod, domid, XEN_DMOP_map_io_range_to_ioreq_server, id,
			is_mmio ? XEN_DMOP_IO_RANGE_MEMORY : XEN_DMOP_IO_RANGE_PORT, start, end);
}

int xendevicemodel_unmap_io_range_from_ioreq_server(xendevicemodel_handle *dmod, domid_t domid,
						    ioservid_t id, int is_mmio, uint64_t start,
						    uint64_t end)
{
	return io_range(dmod, domid, XEN_DMOP_unmap_io_range_from_ioreq_server, id,
			is_mmio ? XEN_DMOP_IO_RANGE_MEMORY : XEN_DMOP_IO_RANGE_PORT, start, end);
}

static int pci_range(xendevicemodel_handle *dmod, domid_t domid, uint32_t cmd, ioservid_t id,
		     uint16_t segment, uint8_t bus, uint8_t device, uint8_t function)
{
	uint64_t sbdf;

	if (device > 0x1f || function > 0x7) {
		errno = EINVAL;
		return -1;
	}
	sbdf = XEN_DMOP_PCI_SBDF((uint64_t)segment, (uint64_t)bus, (uint64_t)device, (uint64_t)function);
	return io_range(dmod, domid, cmd, id, XEN_DMOP_IO_RANGE_PCI, sbdf, sbdf);
}

int xendevicemodel_map_pcidev_to_ioreq_server(xendevicemodel_handle *dmod, domid_t domid, ioservid_t id,
					      uint16_t segment, uint8_t bus, uint8_t device,
					      uint8_t function)
{
	return pci_range(dmod, domid, XEN_DMOP_map_io_range_to_ioreq_server, id, segment, bus, device, function);
}

int xendevicemodel_unmap_pcidev_from_ioreq_server(xendevicemodel_handle *dmod, domid_t domid,
						  ioservid_t id, uint16_t segment, uint8_t bus,
						  uint8_t device, uint8_t function)
{
	return pci_range(dmod, domid, XEN_DMOP_unmap_io_range_from_ioreq_server, id, segment, bus, device,
			 function);
}

int xendevicemodel_map_mem_type_to_ioreq_server(xendevicemodel_handle *dmod, domid_t domid, ioservid_t id,
						uint16_t type, uint32_t flags)
{
	DM_OP(map_mem_type_to_ioreq_server);

	if (type != HVMMEM_ioreq_server || flags & ~XEN_DMOP_IOREQ_MEM_ACCESS_WRITE) {
		errno = EINVAL;
		return -1;
	}
	op.u.map_mem_type_to_ioreq_server.id = id;
	op.u.map_mem_type_to_ioreq_server.type = type;
	op.u.map_mem_type_to_ioreq_server.flags = flags;
	return dm_op(dmod, domid, &op, NULL, 0);
}

int xendevicemodel_destroy_ioreq_server(xendevicemodel_handle *dmod, domid_t domid, ioservid_t id)
{
	DM_OP(destroy_ioreq_server);

	op.u.destroy_ioreq_server.id = id;
	return dm_op(dmod, domid, &op, NULL, 0);
}

int xendevicemodel_set_ioreq_server_state(xendevicemodel_handle *dmod, domid_t domid, ioservid_t id,
					  int enabled)
{
	DM_OP(set_ioreq_server_state);

	op.u.set_ioreq_server_state.id = id;
	op.u.set_ioreq_server_state.enabled = !!enabled;
	return dm_op(dmod, domid, &op, NULL, 0);
}

int xendevicemodel_set_pci_intx_level(xendevicemodel_handle *dmod, domid_t domid, uint16_t segment,
				      uint8_t bus, uint8_t device, uint8_t intx, unsigned int level)
{
	DM_OP(set_pci_intx_level);

	op.u.set_pci_intx_level.domain = segment;
	op.u.set_pci_intx_level.bus = bus;
	op.u.set_pci_intx_level.device = device;
	op.u.set_pci_intx_level.intx = intx;
	op.u.set_pci_intx_level.level = (uint8_t)level;
	return dm_op(dmod, domid, &op, NULL, 0);
}

int xendevicemodel_set_isa_irq_level(xendevicemodel_handle *dmod, domid_t domid, uint8_t irq,
				     unsigned int level)
{
	DM_OP(set_isa_irq_level);

	op.u.set_isa_irq_level.isa_irq = irq;
	op.u.set_isa_irq_level.level = (uint8_t)level;
	return dm_op(dmod, domid, &op, NULL, 0);
}

int xendevicemodel_set_irq_level(xendevicemodel_handle *dmod, domid_t domid, unsigned int irq,
				 unsigned int level)
{
	DM_OP(set_irq_level);

	op.u.set_irq_level.irq = irq;
	op.u.set_irq_level.level = (uint8_t)level;
	return dm_op(dmod, domid, &op, NULL, 0);
}

int xendevicemodel_set_pci_link_route(xendevicemodel_handle *dmod, domid_t domid, uint8_t link, uint8_t irq)
{
	DM_OP(set_pci_link_route);

	op.u.set_pci_link_route.link = link;
	op.u.set_pci_link_route.isa_irq = irq;
	return dm_op(dmod, domid, &op, NULL, 0);
}

int xendevicemodel_inject_msi(xendevicemodel_handle *dmod, domid_t domid, uint64_t msi_addr,
			      uint32_t msi_data)
{
	DM_OP(inject_msi);

	op.u.inject_msi.addr = msi_addr;
	op.u.inject_msi.data = msi_data;
	return dm_op(dmod, domid, &op, NULL, 0);
}

int xendevicemodel_track_dirty_vram(xendevicemodel_handle *dmod, domid_t domid, uint64_t first_pfn,
				    uint32_t nr, unsigned long *dirty_bitmap)
{
	DM_OP(track_dirty_vram);

	op.u.track_dirty_vram.first_pfn = first_pfn;
	op.u.track_dirty_vram.nr = nr;
	return dm_op(dmod, domid, &op, dirty_bitmap, ((size_t)nr + 7) / 8);
}

int xendevicemodel_modified_memory_bulk(xendevicemodel_handle *dmod, domid_t domid,
					struct xen_dm_op_modified_memory_extent extents[], uint32_t nr)
{
	DM_OP(modified_memory);

	op.u.modified_memory.nr_extents = nr;
	return dm_op(dmod, domid, &op, extents, nr * sizeof(*extents));
}

int xendevicemodel_modified_memory(xendevicemodel_handle *dmod, domid_t domid, uint64_t first_pfn,
				   uint32_t nr)
{
	struct xen_dm_op_modified_memory_extent extent = { .first_pfn = first_pfn, .nr = nr };

	return xendevicemodel_modified_memory_bulk(dmod, domid, &extent, 1);
}

int xendevicemodel_set_mem_type(xendevicemodel_handle *dmod, domid_t domid, hvmmem_type_t mem_type,
				uint64_t first_pfn, uint32_t nr)
{
	DM_OP(set_mem_type);

	op.u.set_mem_type.mem_type = (uint16_t)mem_type;
	op.u.set_mem_type.first_pfn = first_pfn;
	op.u.set_mem_type.nr = nr;
	return dm_op(dmod, domid, &op, NULL, 0);
}

int xendevicemodel_inject_event(xendevicemodel_handle *dmod, domid_t domid, int vcpu, uint8_t vector,
				uint8_t type, uint32_t error_code, uint8_t insn_len, uint64_t extra)
{
	DM_OP(inject_event);
	struct xen_dm_op_inject_event *event = &op.u.inject_event;

	event->vcpuid = (uint32_t)vcpu;
	event->vector = vector;
	event->type = type;
	event->error_code = error_code;
	event->insn_len = insn_len;
	event->cr2 = extra;
	return dm_op(dmod, domid, &op, NULL, 0);
}

int xendevicemodel_shutdown(xendevicemodel_handle *dmod, domid_t domid, unsigned int reason)
{
	DM_OP(remote_shutdown);

	op.u.remote_shutdown.reason = reason;
	return dm_op(dmod, domid, &op, NULL, 0);
}

int xendevicemodel_relocate_memory(xendevicemodel_handle *dmod, domid_t domid, uint32_t size,
				   uint64_t src_gfn, uint64_t dst_gfn)
{
	DM_OP(relocate_memory);

	op.u.relocate_memory.size = size;
	op.u.relocate_memory.src_gfn = src_gfn;
	op.u.relocate_memory.dst_gfn = dst_gfn;
	return dm_op(dmod, domid, &op, NULL, 0);
}

int xendevicemodel_pin_memory_cacheattr(xendevicemodel_handle *dmod, domid_t domid, uint64_t start,
					uint64_t end, uint32_t type)
{
	DM_OP(pin_memory_cacheattr);

	op.u.pin_memory_cacheattr.start = start;
	op.u.pin_memory_cacheattr.end = end;
	op.u.pin_memory_cacheattr.type = type;
	return dm_op(dmod, domid, &op, NULL, 0);
}

int xendevicemodel_nr_vcpus(xendevicemodel_handle *dmod, domid_t domid, unsigned int *vcpus)
{
	DM_OP(nr_vcpus);
	int rc = dm_op(dmod, domid, &op, NULL, 0);

	if (!rc)
		*vcpus = op.u.nr_vcpus.vcpus;
	return rc;
}
