// SPDX-License-Identifier: LGPL-2.1-only
/* HVM parameters and state; the parameters of the rings exist for PV guests too. */
#define XC_WANT_COMPAT_DEVICEMODEL_API
#include "ctrl_internal.h"

int xc_hvm_param_set(xc_interface *xch, uint32_t dom, uint32_t param, uint64_t value)
{
	xen_hvm_param_t arg = { .domid = (domid_t)dom, .index = param, .value = value };

	return xc_do_two(xch, __HYPERVISOR_hvm_op, HVMOP_set_param, &arg, sizeof(arg));
}

int xc_hvm_param_get(xc_interface *xch, uint32_t dom, uint32_t param, uint64_t *value)
{
	xen_hvm_param_t arg = { .domid = (domid_t)dom, .index = param };
	int rc = xc_do_two(xch, __HYPERVISOR_hvm_op, HVMOP_get_param, &arg, sizeof(arg));

	*value = arg.value;
	return rc;
}

int xc_set_hvm_param(xc_interface *xch, uint32_t dom, int param, unsigned long value)
{
	return xc_hvm_param_set(xch, dom, (uint32_t)param, value);
}

int xc_get_hvm_param(xc_interface *xch, uint32_t dom, int param, unsigned long *value)
{
	uint64_t v = 0;
	int rc = xc_hvm_param_get(xch, dom, (uint32_t)param, &v);

	if (!rc)
		*value = (unsigned long)v;
	return rc;
}

static int context_op(xc_interface *xch, uint32_t cmd, uint32_t domid, uint8_t *buf, uint32_t size, int dir)
{
	struct xen_domctl d = { .cmd = cmd, .domain = (domid_t)domid };
	xc_hypercall_buffer_t b = XC_BOUNCE(buf, size, dir);
	xc_hypercall_buffer_t *const all[] = { &b };
	int rc;

	if (xc_bounce_all(xch, all, 1))
		return -1;
	d.u.hvmcontext.size = size;
	set_handle(d.u.hvmcontext.buffer, b);
	rc = xc_domctl_with(xch, &d, &b);
	if (rc || dir == XC_BOUNCE_IN)
		return rc;
	return (int)d.u.hvmcontext.size;
}

int xc_domain_hvm_getcontext(xc_interface *xch, uint32_t domid, uint8_t *ctxt_buf, uint32_t size)
{
	return context_op(xch, XEN_DOMCTL_gethvmcontext, domid, ctxt_buf, size, XC_BOUNCE_OUT);
}

int xc_domain_hvm_setcontext(xc_interface *xch, uint32_t domid, uint8_t *hvm_ctxt, uint32_t size)
{
	return context_op(xch, XEN_DOMCTL_sethvmcontext, domid, hvm_ctxt, size, XC_BOUNCE_IN);
}

int xc_domain_hvm_getcontext_partial(xc_interface *xch, uint32_t domid, uint16_t typecode,
				     uint16_t instance, void *ctxt_buf, uint32_t size)
{
	DOMCTL(d, gethvmcontext_partial, domid);
	xc_hypercall_buffer_t b = XC_BOUNCE(ctxt_buf, size, XC_BOUNCE_OUT);
	xc_hypercall_buffer_t *const all[] = { &b };

	if (!ctxt_buf) {
		errno = EINVAL;
		return -1;
	}
	if (xc_bounce_all(xch, all, 1))
		return -1;
	d.u.hvmcontext_partial.type = typecode;
	d.u.hvmcontext_partial.instance = instance;
	d.u.hvmcontext_partial.bufsz = size;
	set_handle(d.u.hvmcontext_partial.buffer, b);
	return xc_domctl_with(xch, &d, &b) ? -1 : 0;
}

/* --- old names of libxendevicemodel */

int xc_hvm_create_ioreq_server(xc_interface *xch, uint32_t domid, int handle_bufioreq, ioservid_t *id)
{
	return xendevicemodel_create_ioreq_server(xch->dmod, (domid_t)domid, handle_bufioreq, id);
}

int xc_hvm_get_ioreq_server_info(xc_interface *xch, uint32_t domid, ioservid_t id, xen_pfn_t *ioreq_pfn,
				 xen_pfn_t *bufioreq_pfn, evtchn_port_t *bufioreq_port)
{
	return xendevicemodel_get_ioreq_server_info(xch->dmod, (domid_t)domid, id, ioreq_pfn, bufioreq_pfn,
						    bufioreq_port);
}

int xc_hvm_map_io_range_to_ioreq_server(xc_interface *xch, uint32_t domid, ioservid_t id, int is_mmio,
					uint64_t start, uint64_t end)
{
	return xendevicemodel_map_io_range_to_ioreq_server(xch->dmod, (domid_t)domid, id, is_mmio, start, end);
}

int xc_hvm_unmap_io_range_from_ioreq_server(xc_interface *xch, uint32_t domid, ioservid_t id, int is_mmio,
					    uint64_t start, uint64_t end)
{
	return xendevicemodel_unmap_io_range_from_ioreq_server(xch->dmod, (domid_t)domid, id, is_mmio, start,
							       end);
}

int xc_hvm_map_pcidev_to_ioreq_server(xc_interface *xch, uint32_t domid, ioservid_t id, uint16_t segment,
				      uint8_t bus, uint8_t device, uint8_t function)
{
	return xendevicemodel_map_pcidev_to_ioreq_server(xch->dmod, (domid_t)domid, id, segment, bus, device,
							 function);
}

int xc_hvm_unmap_pcidev_from_ioreq_server(xc_interface *xch, uint32_t domid, ioservid_t id,
					  uint16_t segment, uint8_t bus, uint8_t device, uint8_t function)
{
	return xendevicemodel_unmap_pcidev_from_ioreq_server(xch->dmod, (domid_t)domid, id, segment, bus, device,
							     function);
}

int xc_hvm_destroy_ioreq_server(xc_interface *xch, uint32_t domid, ioservid_t id)
{
	return xendevicemodel_destroy_ioreq_server(xch->dmod, (domid_t)domid, id);
}

int xc_hvm_set_ioreq_server_state(xc_interface *xch, uint32_t domid, ioservid_t id, int enabled)
{
	return xendevicemodel_set_ioreq_server_state(xch->dmod, (domid_t)domid, id, enabled);
}

int xc_hvm_set_pci_intx_level(xc_interface *xch, uint32_t domid, uint16_t segment, uint8_t bus,
			      uint8_t device, uint8_t intx, unsigned int level)
{
	return xendevicemodel_set_pci_intx_level(xch->dmod, (domid_t)domid, segment, bus, device, intx, level);
}

int xc_hvm_set_isa_irq_level(xc_interface *xch, uint32_t domid, uint8_t irq, unsigned int level)
{
	return xendevicemodel_set_isa_irq_level(xch->dmod, (domid_t)domid, irq, level);
}

int xc_hvm_set_pci_link_route(xc_interface *xch, uint32_t domid, uint8_t link, uint8_t irq)
{
	return xendevicemodel_set_pci_link_route(xch->dmod, (domid_t)domid, link, irq);
}

int xc_hvm_inject_msi(xc_interface *xch, uint32_t domid, uint64_t msi_addr, uint32_t msi_data)
{
	return xendevicemodel_inject_msi(xch->dmod, (domid_t)domid, msi_addr, msi_data);
}

int xc_hvm_track_dirty_vram(xc_interface *xch, uint32_t domid, uint64_t first_pfn, uint32_t nr,
			    unsigned long *dirty_bitmap)
{
	return xendevicemodel_track_dirty_vram(xch->dmod, (domid_t)domid, first_pfn, nr, dirty_bitmap);
}

int xc_hvm_modified_memory(xc_interface *xch, uint32_t domid, uint64_t first_pfn, uint32_t nr)
{
	return xendevicemodel_modified_memory(xch->dmod, (domid_t)domid, first_pfn, nr);
}

int xc_hvm_set_mem_type(xc_interface *xch, uint32_t domid, hvmmem_type_t type, uint64_t first_pfn,
			uint32_t nr)
{
	return xendevicemodel_set_mem_type(xch->dmod, (domid_t)domid, type, first_pfn, nr);
}

int xc_hvm_inject_trap(xc_interface *xch, uint32_t domid, int vcpu, uint8_t vector, uint8_t type,
		       uint32_t error_code, uint8_t insn_len, uint64_t cr2)
{
	return xendevicemodel_inject_event(xch->dmod, (domid_t)domid, vcpu, vector, type, error_code, insn_len,
					   cr2);
}

int xc_domain_pin_memory_cacheattr(xc_interface *xch, uint32_t domid, uint64_t start, uint64_t end,
				   uint32_t type)
{
	return xendevicemodel_pin_memory_cacheattr(xch->dmod, (domid_t)domid, start, end, type);
}
