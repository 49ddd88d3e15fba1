// SPDX-License-Identifier: LGPL-2.1-only
/* Interrupts, ports, frames and devices that a domain may use. */
#include "ctrl_internal.h"

int xc_physdev_pci_access_modify(xc_interface *xch, uint32_t domid, int bus, int dev, int func, int enable)
{
	/* Replaced by permissions and passthrough, in the original too. */
	errno = ENOSYS;
	return -1;
}

int xc_physdev_map_pirq(xc_interface *xch, uint32_t domid, int index, int *pirq)
{
	struct physdev_map_pirq arg = { .domid = (domid_t)domid, .type = MAP_PIRQ_TYPE_GSI, .index = index };
	int rc;

	if (!pirq) {
		errno = EINVAL;
		return -1;
	}
	arg.pirq = *pirq < 0 ? index : *pirq;
	rc = xc_do_physdev(xch, PHYSDEVOP_map_pirq, &arg, sizeof(arg));
	if (!rc)
		*pirq = arg.pirq;
	return rc;
}

int xc_physdev_map_pirq_msi(xc_interface *xch, uint32_t domid, int index, int *pirq, int devfn, int bus,
			    int entry_nr, uint64_t table_base)
{
	struct physdev_map_pirq arg = {
		.domid = (domid_t)domid, .type = MAP_PIRQ_TYPE_MSI, .index = index, .bus = bus,
		.devfn = devfn, .entry_nr = (uint16_t)entry_nr, .table_base = table_base,
	};
	int rc;

	if (!pirq) {
		errno = EINVAL;
		return -1;
	}
	arg.pirq = *pirq;
	rc = xc_do_physdev(xch, PHYSDEVOP_map_pirq, &arg, sizeof(arg));
	if (!rc)
		*pirq = arg.pirq;
	return rc;
}

int xc_physdev_unmap_pirq(xc_interface *xch, uint32_t domid, int pirq)
{
	struct physdev_unmap_pirq arg;

	memset(&arg, 0, sizeof(arg));	/* its padding leaves this process too */
	arg.domid = (domid_t)domid;
	arg.pirq = pirq;
	return xc_do_physdev(xch, PHYSDEVOP_unmap_pirq, &arg, sizeof(arg));
}

/* --- permissions */

int xc_domain_ioport_permission(xc_interface *xch, uint32_t domid, uint32_t first_port, uint32_t nr_ports,
				uint32_t allow_access)
{
	DOMCTL(d, ioport_permission, domid);

	d.u.ioport_permission.first_port = first_port;
	d.u.ioport_permission.nr_ports = nr_ports;
	d.u.ioport_permission.allow_access = (uint8_t)allow_access;
	return xc_do_domctl(xch, &d);
}

int xc_domain_irq_permission(xc_interface *xch, uint32_t domid, uint32_t pirq, bool allow_access)
{
	DOMCTL(d, irq_permission, domid);

	d.u.irq_permission.pirq = pirq;
	d.u.irq_permission.allow_access = allow_access;
	return xc_do_domctl(xch, &d);
}

int xc_domain_iomem_permission(xc_interface *xch, uint32_t domid, unsigned long first_mfn,
			       unsigned long nr_mfns, uint8_t allow_access)
{
	DOMCTL(d, iomem_permission, domid);

	d.u.iomem_permission.first_mfn = first_mfn;
	d.u.iomem_permission.nr_mfns = nr_mfns;
	d.u.iomem_permission.allow_access = allow_access;
	return xc_do_domctl(xch, &d);
}

#define MAPPING_MAX 1024UL /* frames for a first attempt; halved whenever the hypervisor says E2BIG */

int xc_domain_memory_mapping(xc_interface *xch, uint32_t domid, unsigned long first_gfn,
			     unsigned long first_mfn, unsigned long nr_mfns, uint32_t add_mapping)
{
	unsigned long done = 0, step = MAPPING_MAX, n;
	xc_dominfo_t info;
	int rc = 0, saved;

	if (xc_domain_getinfo(xch, domid, 1, &info) != 1 || info.domid != domid) {
		errno = ESRCH;
		return -1;
	}
	/* PV guests map machine frames themselves. */
	if (!info.hvm)
		return 0;
	while (done < nr_mfns) {
		DOMCTL(d, memory_mapping, domid);

		n = nr_mfns - done < step ? nr_mfns - done : step;
		d.u.memory_mapping.first_gfn = first_gfn + done;
		d.u.memory_mapping.first_mfn = first_mfn + done;
		d.u.memory_mapping.nr_mfns = n;
		d.u.memory_mapping.add_mapping = add_mapping;
		rc = xc_do_domctl(xch, &d);
		if (rc < 0 && errno == E2BIG && step > 1) {
			step >>= 1;
			continue;
		}
		if (rc < 0)
			break;
		/* A positive result is how many frames of the batch are done. */
		done += rc > 0 ? (unsigned long)rc : n;
	}
	if (rc >= 0)
		return 0;
	saved = errno;
	if (add_mapping && done)
		xc_domain_memory_mapping(xch, domid, first_gfn, first_mfn, done, 0);
	errno = saved;
	return -1;
}

int xc_domain_ioport_mapping(xc_interface *xch, uint32_t domid, uint32_t first_gport, uint32_t first_mport,
			     uint32_t nr_ports, uint32_t add_mapping)
{
	DOMCTL(d, ioport_mapping, domid);

	d.u.ioport_mapping.first_gport = first_gport;
	d.u.ioport_mapping.first_mport = first_mport;
	d.u.ioport_mapping.nr_ports = nr_ports;
	d.u.ioport_mapping.add_mapping = add_mapping;
	return xc_do_domctl(xch, &d);
}

/* --- passthrough */

static int assign_op(xc_interface *xch, uint32_t cmd, uint32_t domid, uint32_t sbdf, uint32_t flags)
{
	struct xen_domctl d = { .cmd = cmd, .domain = (domid_t)domid };

	d.u.assign_device.dev = XEN_DOMCTL_DEV_PCI;
	d.u.assign_device.u.pci.machine_sbdf = sbdf;
	d.u.assign_device.flags = flags;
	return xc_do_domctl(xch, &d);
}

int xc_assign_device(xc_interface *xch, uint32_t domid, uint32_t machine_sbdf, uint32_t flag)
{
	return assign_op(xch, XEN_DOMCTL_assign_device, domid, machine_sbdf, flag);
}

int xc_test_assign_device(xc_interface *xch, uint32_t domid, uint32_t machine_sbdf)
{
	return assign_op(xch, XEN_DOMCTL_test_assign_device, domid, machine_sbdf, 0);
}

int xc_deassign_device(xc_interface *xch, uint32_t domid, uint32_t machine_sbdf)
{
	return assign_op(xch, XEN_DOMCTL_deassign_device, domid, machine_sbdf, 0);
}

int xc_get_device_group(xc_interface *xch, uint32_t domid, uint32_t machine_sbdf, uint32_t max_sdevs,
			uint32_t *num_sdevs, uint32_t *sdev_array)
{
	DOMCTL(d, get_device_group, domid);
	xc_hypercall_buffer_t b = XC_BOUNCE(sdev_array, max_sdevs * sizeof(*sdev_array), XC_BOUNCE_OUT);
	xc_hypercall_buffer_t *const all[] = { &b };
	int rc;

	if (xc_bounce_all(xch, all, 1))
		return -1;
	d.u.get_device_group.machine_sbdf = machine_sbdf;
	d.u.get_device_group.max_sdevs = max_sdevs;
	set_handle(d.u.get_device_group.sdev_array, b);
	rc = xc_domctl_with(xch, &d, &b);
	*num_sdevs = d.u.get_device_group.num_sdevs;
	return rc;
}

/* Device trees are ARM's. */
int xc_assign_dt_device(xc_interface *xch, uint32_t domid, char *path)
{
	errno = ENOSYS;
	return -1;
}

int xc_test_assign_dt_device(xc_interface *xch, uint32_t domid, char *path)
{
	errno = ENOSYS;
	return -1;
}

int xc_deassign_dt_device(xc_interface *xch, uint32_t domid, char *path)
{
	errno = ENOSYS;
	return -1;
}

/* --- interrupts of passed-through devices */

static int msi_op(xc_interface *xch, uint32_t cmd, uint32_t domid, uint32_t gvec, uint32_t pirq,
		  uint32_t gflags, uint64_t gtable)
{
	struct xen_domctl d = { .cmd = cmd, .domain = (domid_t)domid };

	d.u.bind_pt_irq.irq_type = PT_IRQ_TYPE_MSI;
	d.u.bind_pt_irq.machine_irq = pirq;
	d.u.bind_pt_irq.u.msi.gvec = (uint8_t)gvec;
	d.u.bind_pt_irq.u.msi.gflags = gflags;
	d.u.bind_pt_irq.u.msi.gtable = gtable;
	return xc_do_domctl(xch, &d);
}

int xc_domain_update_msi_irq(xc_interface *xch, uint32_t domid, uint32_t gvec, uint32_t pirq,
			     uint32_t gflags, uint64_t gtable)
{
	return msi_op(xch, XEN_DOMCTL_bind_pt_irq, domid, gvec, pirq, gflags, gtable);
}

int xc_domain_unbind_msi_irq(xc_interface *xch, uint32_t domid, uint32_t gvec, uint32_t pirq, uint32_t gflags)
{
	return msi_op(xch, XEN_DOMCTL_unbind_pt_irq, domid, gvec, pirq, gflags, 0);
}

struct pt_irq {
	uint32_t machine_irq;
	uint8_t type, bus, device, intx, isa_irq;
	uint16_t spi;
};

static int pt_op(xc_interface *xch, uint32_t cmd, uint32_t domid, const struct pt_irq *irq)
{
	struct xen_domctl d = { .cmd = cmd, .domain = (domid_t)domid };

	d.u.bind_pt_irq.machine_irq = irq->machine_irq;
	d.u.bind_pt_irq.irq_type = irq->type;
	switch (irq->type) {
	case PT_IRQ_TYPE_PCI:
	case PT_IRQ_TYPE_MSI_TRANSLATE:
		d.u.bind_pt_irq.u.pci.bus = irq->bus;
		d.u.bind_pt_irq.u.pci.device = irq->device;
		d.u.bind_pt_irq.u.pci.intx = irq->intx;
		break;
	case PT_IRQ_TYPE_ISA:
		d.u.bind_pt_irq.u.isa.isa_irq = irq->isa_irq;
		break;
	case PT_IRQ_TYPE_SPI:
		d.u.bind_pt_irq.u.spi.spi = irq->spi;
		break;
	default:
		errno = EINVAL;
		return -1;
	}
	return xc_do_domctl(xch, &d);
}

int xc_domain_bind_pt_irq(xc_interface *xch, uint32_t domid, uint8_t machine_irq, uint8_t irq_type,
			  uint8_t bus, uint8_t device, uint8_t intx, uint8_t isa_irq)
{
	struct pt_irq irq = { machine_irq, irq_type, bus, device, intx, isa_irq, 0 };

	return pt_op(xch, XEN_DOMCTL_bind_pt_irq, domid, &irq);
}

int xc_domain_unbind_pt_irq(xc_interface *xch, uint32_t domid, uint8_t machine_irq, uint8_t irq_type,
			    uint8_t bus, uint8_t device, uint8_t intx, uint8_t isa_irq)
{
	struct pt_irq irq = { machine_irq, irq_type, bus, device, intx, isa_irq, 0 };

	return pt_op(xch, XEN_DOMCTL_unbind_pt_irq, domid, &irq);
}

int xc_domain_bind_pt_pci_irq(xc_interface *xch, uint32_t domid, uint8_t machine_irq, uint8_t bus,
			      uint8_t device, uint8_t intx)
{
	return xc_domain_bind_pt_irq(xch, domid, machine_irq, PT_IRQ_TYPE_PCI, bus, device, intx, 0);
}

int xc_domain_bind_pt_isa_irq(xc_interface *xch, uint32_t domid, uint8_t machine_irq)
{
	return xc_domain_bind_pt_irq(xch, domid, machine_irq, PT_IRQ_TYPE_ISA, 0, 0, 0, machine_irq);
}

int xc_domain_bind_pt_spi_irq(xc_interface *xch, uint32_t domid, uint16_t vspi, uint16_t spi)
{
	struct pt_irq irq = { .machine_irq = vspi, .type = PT_IRQ_TYPE_SPI, .spi = spi };

	return pt_op(xch, XEN_DOMCTL_bind_pt_irq, domid, &irq);
}

int xc_domain_unbind_pt_spi_irq(xc_interface *xch, uint32_t domid, uint16_t vspi, uint16_t spi)
{
	struct pt_irq irq = { .machine_irq = vspi, .type = PT_IRQ_TYPE_SPI, .spi = spi };

	return pt_op(xch, XEN_DOMCTL_unbind_pt_irq, domid, &irq);
}
