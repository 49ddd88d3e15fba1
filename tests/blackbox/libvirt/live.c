// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host of xl's tests for programs that stay, beside real daemons of the store and of consoles: nothing stands in
 * for libxenstore, and what a guest's memory would be needed for is one word (../../unit/light/saved.c).
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include <xenctrl.h>

#include "../../unit/light/host.h"
#include "../xl/fakexen.h"

bool fake_store_change(const char *path, const char *value)
{
	return false;
}

void fake_store_dump(FILE *out)
{
}

void host_take_time(void)
{
}

int xc_domain_dumpcore(xc_interface *xch, uint32_t domid, const char *file)
{
	static const char text[] = "a pretended core\n";
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ssize_t n = write(fd, text, sizeof(text) - 1);

	close(fd);
	return n == sizeof(text) - 1 ? 0 : -1;
}

/*
 * virsh has a thread dump or save, and a loop that this thread ends.  Here the thread may be done before the loop begins,
 * which then goes on for ever.  So the end waits for the beginning; not so in loops of libvirt's library, which may end
 * before they begin.
 */
static void *of_program;

void *g_main_loop_new(void *context, int running)
{
	void *(*new)(void *, int) = (void *(*)(void *, int))dlsym(RTLD_NEXT, "g_main_loop_new");
	void *loop = new(context, running);
	Dl_info who;

	if (dladdr(__builtin_return_address(0), &who) && !strstr(who.dli_fname, ".so"))
		of_program = loop;
	return loop;
}

void g_main_loop_quit(void *loop)
{
	int (*is_running)(void *) = (int (*)(void *))dlsym(RTLD_NEXT, "g_main_loop_is_running");
	void (*quit)(void *) = (void (*)(void *))dlsym(RTLD_NEXT, "g_main_loop_quit");

	while (loop == of_program && !is_running(loop))
		sched_yield();
	quit(loop);
}
