// SPDX-License-Identifier: GPL-2.0-only
#include "manager.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdlib.h>

#include <systemd/sd-daemon.h>

#include "log.h"

_Static_assert(MANAGER_FIRST == SD_LISTEN_FDS_START, "sd-daemon.h");

static struct {
	bool tried, there;
	__typeof__(&sd_notify) notify;
	__typeof__(&sd_pid_notify_with_fds) notify_with_fds;
	__typeof__(&sd_listen_fds_with_names) listen_fds;
} lib;

static bool load(const char *why)
{
	void *h;

	if (!getenv(why))
		return false;
	if (lib.tried)
		return lib.there;
	lib.tried = true;
	h = dlopen("libsystemd.so.0", RTLD_NOW);
	if (h) {
		lib.notify = dlsym(h, "sd_notify");
		lib.notify_with_fds = dlsym(h, "sd_pid_notify_with_fds");
		lib.listen_fds = dlsym(h, "sd_listen_fds_with_names");
		lib.there = lib.notify && lib.notify_with_fds && lib.listen_fds;
	}
	if (!lib.there)
		log_line("the service manager is not told of anything: %s", dlerror());
	return lib.there;
}

int manager_tell(const char *text)
{
	return load("NOTIFY_SOCKET") ? lib.notify(0, text) : 0;
}

int manager_tell_with(const char *text, int fd)
{
	return load("NOTIFY_SOCKET") ? lib.notify_with_fds(0, 0, text, &fd, 1) : 0;
}

int manager_given(char ***names)
{
	return load("LISTEN_FDS") ? lib.listen_fds(1, names) : 0;
}
