/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the function-like macros of the public headers give for sample arguments, a line each; compiled against our
 * headers and against the published ones. Written as programs write it that use them.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

#define xen_mb()  __sync_synchronize()
#define xen_rmb() __sync_synchronize()
#define xen_wmb() __sync_synchronize()
#include <xen/xen.h>
#include <xen/grant_table.h>
#include <xen/domctl.h>
#include <xen/hvm/dm_op.h>
#include <xen/io/blkif.h>
#include <xen/io/console.h>
#include <xen/io/displif.h>
#include <xen/io/fbif.h>
#include <xen/io/kbdif.h>
#define XEN_NETIF_DEFINE_TOEPLITZ
#include <xen/io/netif.h>
#include <xen/io/sndif.h>
#include <xen/io/usbif.h>
#include <xen/io/vscsiif.h>
#include <xen/io/xs_wire.h>
#include <xen/memory.h>
#include <xen/trace.h>
#include <xen/vcpu.h>

#define SHOW(x) printf("%s = %llx\n", #x, (unsigned long long)(x))

struct req { int id; };
struct rsp { int id, status; };
DEFINE_RING_TYPES(demo, struct req, struct rsp);

static char page[4096] __attribute__((aligned(4096)));

static void rings(void)
{
	demo_sring_t *s = (demo_sring_t *)page;
	demo_front_ring_t front;
	demo_back_ring_t back;
	struct req req;
	struct rsp rsp;
	int notify, work;

	SHARED_RING_INIT(s);
	FRONT_RING_INIT(&front, s, sizeof(page));
	BACK_RING_INIT(&back, s, sizeof(page));
	SHOW(RING_SIZE(&front));
	for (int i = 0; i < 3; i++)
		RING_GET_REQUEST(&front, front.req_prod_pvt++)->id = 7 + i;
	SHOW(RING_FREE_REQUESTS(&front));
	RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&front, notify);
	SHOW(notify);
	SHOW(RING_HAS_UNCONSUMED_REQUESTS(&back));
	while (RING_HAS_UNCONSUMED_REQUESTS(&back)) {
		if (RING_REQUEST_CONS_OVERFLOW(&back, back.req_cons))
			SHOW(-1);
		else
			RING_COPY_REQUEST(&back, back.req_cons++, &req);
		*RING_GET_RESPONSE(&back, back.rsp_prod_pvt++) = (struct rsp){ .id = req.id, .status = 1 };
	}
	RING_FINAL_CHECK_FOR_REQUESTS(&back, work);
	SHOW(work);
	RING_PUSH_RESPONSES_AND_CHECK_NOTIFY(&back, notify);
	SHOW(notify);
	SHOW(RING_RESPONSE_PROD_OVERFLOW(&front, s->rsp_prod));
	RING_COPY_RESPONSE(&front, front.rsp_cons, &rsp);
	front.rsp_cons++;
	SHOW(rsp.id);
	RING_FINAL_CHECK_FOR_RESPONSES(&front, work);
	SHOW(work);
	SHOW(RING_REQUEST_PROD_OVERFLOW(&back, back.rsp_prod_pvt + 2000));
	SHOW(RING_FULL(&front));
	SHOW(s->req_event);
	SHOW(s->rsp_event);
}

static void event_pages(void)
{
	SHOW((char *)&XENKBD_IN_RING_REF(page, 70) - page);
	SHOW((char *)&XENKBD_OUT_RING_REF(page, 70) - page);
	SHOW((char *)&XENFB_IN_RING_REF(page, 70) - page);
	SHOW((char *)&XENFB_OUT_RING_REF(page, 70) - page);
	SHOW((char *)&XENDISPL_IN_RING_REF(page, 70) - page);
	SHOW((char *)&XENSND_IN_RING_REF(page, 70) - page);
	SHOW(MASK_XENCONS_IDX(5000u, ((struct xencons_interface *)page)->out));
	SHOW(MASK_XENSTORE_IDX(5000u));
}

static void usb(unsigned int pipe)
{
	SHOW(usbif_pipeportnum(pipe));
	SHOW(usbif_setportnum_pipe(pipe & ~31u, 9));
	SHOW(!!usbif_pipeunlink(pipe));
	SHOW(usbif_setunlink_pipe(pipe));
	SHOW(usbif_pipesubmit(pipe));
	SHOW(!!usbif_pipein(pipe));
	SHOW(usbif_pipeout(pipe));
	SHOW(usbif_pipedevice(pipe));
	SHOW(usbif_pipeendpoint(pipe));
	SHOW(usbif_pipetype(pipe));
	SHOW(usbif_pipeisoc(pipe));
	SHOW(usbif_pipeint(pipe));
	SHOW(usbif_pipectrl(pipe));
	SHOW(usbif_pipebulk(pipe));
}

static void numbers(uint64_t v)
{
	SHOW(TRC_HD_TO_EVENT(v));
	SHOW(TRC_HD_INCLUDES_CYCLE_COUNT(v));
	SHOW(TRC_HD_EXTRA(v));
	SHOW(TRC_SCHED_CLASS_EVT(CSCHED2, 5));
	SHOW(TRC_PV_HYPERCALL_V2_ARG_32(3));
	SHOW(TRC_PV_HYPERCALL_V2_ARG_64(3));
	SHOW(XENMEMF_node(3));
	SHOW(XENMEMF_get_node(XENMEMF_exact_node(3)));
	SHOW(XENMEMF_get_node(0u));
	SHOW(XENMEM_SHARING_OP_FIELD_IS_GREF(v));
	SHOW(XENMEM_SHARING_OP_FIELD_GET_GREF(v));
	XENMEM_SHARING_OP_FIELD_MAKE_GREF(v, 12);
	SHOW(v);
	SHOW(XEN_DMOP_PCI_SBDF(1, 2, 31, 7));
	SHOW(XEN_VSCSIIF_RSLT_HOST(0xab1234u));
	SHOW(XEN_DOMCTL_GRANT_version(v));
	SHOW(xen_vcpu_physid_to_x86_apicid(0x1234567890ULL));
	SHOW(xen_vcpu_physid_to_x86_acpiid(0x1234567890ULL));
	SHOW(xen_pfn_to_cr3(v & 0xfffff));
	SHOW(xen_cr3_to_pfn(v));
}

static void hashes(void)
{
	uint8_t key[40], data[36];

	for (unsigned int i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)(i * 73 + 11);
	for (unsigned int i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 151 + 7);
	SHOW(xen_netif_toeplitz_hash(key, sizeof(key), data, 12));
	SHOW(xen_netif_toeplitz_hash(key, sizeof(key), data, sizeof(data)));
	SHOW(xen_netif_toeplitz_hash(key, 7, data, 12));
	SHOW(xen_netif_toeplitz_hash(key, sizeof(key), data, 0));
}

static void structures(void)
{
	struct trap_info ti = { 0 };
	struct xen_domctl ctl = { 0 };
	struct cpu_user_regs regs = { .rax = 0x1122334455667788ULL };
	uint8_t map[8];

	TI_SET_DPL(&ti, 3);
	TI_SET_IF(&ti, 1);
	TI_SET_IF(&ti, 0);
	SHOW(ti.flags);
	SHOW(TI_GET_DPL(&ti));
	SHOW(!!TI_GET_IF(&ti));
	if (regs.rax)
		set_xen_guest_handle(ctl.u.vcpuaffinity.cpumap_hard.bitmap, map);
	else
		set_xen_guest_handle_raw(ctl.u.vcpuaffinity.cpumap_hard.bitmap, NULL);
	SHOW((char *)ctl.u.vcpuaffinity.cpumap_hard.bitmap.p - (char *)map);
	SHOW(sizeof(XEN_GUEST_HANDLE(void)));
	SHOW(sizeof(XEN_GUEST_HANDLE_64(const_char)));
	SHOW(regs.eax);
	SHOW(regs.ax);
	SHOW(regs.ah);
}

int main(void)
{
	rings();
	event_pages();
	usb(0xc00183a9u);
	usb(0x00010f05u);
	numbers(0xc123456789abcdefULL);
	numbers(0x31);
	hashes();
	structures();
	return 0;
}
