// SPDX-License-Identifier: LGPL-2.1-only
/* The list of open handles of this process, and how to restrict them. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "toolcore_internal.h"

static pthread_mutex_t handles_lock = PTHREAD_MUTEX_INITIALIZER;
static struct active_handle *handles; /* under handles_lock */

static void lock_handles(void)
{
	pthread_mutex_lock(&handles_lock);
}

static void unlock_handles(void)
{
	pthread_mutex_unlock(&handles_lock);
}

/* A child of fork must find the lock free, whatever other threads of its parent did: it opens handles too. */
static void __attribute__((constructor)) survive_fork(void)
{
	pthread_atfork(lock_handles, unlock_handles, unlock_handles);
}

void xentoolcore__register_active_handle(struct active_handle *ah)
{
	pthread_mutex_lock(&handles_lock);
	ah->next = handles;
	if (handles)
		handles->link = &ah->next;
	handles = ah;
	ah->link = &handles;
	pthread_mutex_unlock(&handles_lock);
}

void xentoolcore__deregister_active_handle(struct active_handle *ah)
{
	pthread_mutex_lock(&handles_lock);
	if (ah->next)
		ah->next->link = ah->link;
	*ah->link = ah->next;
	pthread_mutex_unlock(&handles_lock);
}

int xentoolcore_restrict_all(domid_t domid)
{
	struct active_handle *ah;
	int rc = 0;

	pthread_mutex_lock(&handles_lock);
	for (ah = handles; ah && !rc; ah = ah->next)
		rc = ah->restrict_cb(ah, domid);
	pthread_mutex_unlock(&handles_lock);
	return rc;
}

int xentoolcore__restrict_by_dup2_null(int fd)
{
	int null, rc, saved;

	if (fd < 0)
		return 0;
	null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (null < 0)
		return -1;
	rc = dup3(null, fd, O_CLOEXEC) < 0 ? -1 : 0;
	saved = errno;
	close(null);
	errno = saved;
	return rc;
}
