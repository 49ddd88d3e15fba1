/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Prints what the hypervisor holds, exactly: free pages and claims of the machine, and of each domain its pages,
 * its event channels by kind and the frames of its grant table.
 */
#include <stdio.h>
#include <xenctrl.h>

static void count_ports(xc_interface *xc, uint32_t domid)
{
	static const char *const kinds[] = { "closed", "unbound", "interdomain", "pirq", "virq", "ipi" };
	unsigned int n[6] = { 0 };
	xc_evtchn_status_t s = { .dom = (domid_t)domid, .port = 1 };

	for (; !xc_evtchn_status(xc, &s); s.port++)
		n[s.status < 6 ? s.status : 0]++;
	for (int i = 1; i < 6; i++)
		printf("domain %u %s %u\n", domid, kinds[i], n[i]);
}

static void count_grants(xc_interface *xc, uint32_t domid)
{
	struct gnttab_query_size q = { .dom = (domid_t)domid };

	if (!xc_gnttab_query_size(xc, &q) && !q.status)
		printf("domain %u grant frames %u\n", domid, q.nr_frames);
}

int main(void)
{
	xc_interface *xc = xc_interface_open(NULL, NULL, 0);
	xc_physinfo_t host = { 0 };
	xc_domaininfo_t d;

	if (!xc || xc_physinfo(xc, &host)) {
		perror("physinfo");
		return 1;
	}
	printf("free %llu\nclaimed %llu\n", (unsigned long long)host.free_pages,
	       (unsigned long long)host.outstanding_pages);
	for (uint32_t next = 0; xc_domain_getinfolist(xc, next, 1, &d) == 1; next = d.domain + 1u) {
		printf("domain %u flags %x pages %llu shared %llu\n", d.domain,
		       (unsigned int)(d.flags & ~(unsigned int)(XEN_DOMINF_running | XEN_DOMINF_blocked)),
		       (unsigned long long)d.tot_pages, (unsigned long long)d.shr_pages);
		count_ports(xc, d.domain);
		count_grants(xc, d.domain);
	}
	xc_interface_close(xc);
	return 0;
}
