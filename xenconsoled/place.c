// SPDX-License-Identifier: GPL-2.0-only
#include "place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <xen/xen.h>

#include "../xenstored/daemon/boot_id.h"
#include "../xenstored/daemon/log.h"

/* Two places, so that the new one is written before one store makes it the one that counts. */
struct slot {
	uint32_t which; /* 1 or 2; 0: none */
	struct place at[2];
};

struct places {
	char boot[BOOT_ID_SIZE];
	struct slot slot[DOMID_FIRST_RESERVED];
};

static struct places *places;

static int open_file(const char *dir)
{
	char path[4096];
	int fd;

	mkdir(dir, 0755);
	snprintf(path, sizeof(path), "%s/places", dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		log_line("%s cannot be opened, and a restart may log some output twice: %s", path, strerror(errno));
	return fd;
}

static struct places *map(int fd)
{
	char boot[BOOT_ID_SIZE], found[BOOT_ID_SIZE];
	void *p;

	boot_id(boot);
	/* Those of another start of the machine go, with the pages that they are in. */
	if (pread(fd, found, sizeof(found), 0) != sizeof(found) || memcmp(found, boot, sizeof(boot)))
		if (ftruncate(fd, 0))
			return NULL;
	if (ftruncate(fd, sizeof(struct places)) || pwrite(fd, boot, sizeof(boot), 0) != sizeof(boot))
		return NULL;
	p = mmap(NULL, sizeof(struct places), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	return p == MAP_FAILED ? NULL : p;
}

void places_open(const char *dir)
{
	int fd = open_file(dir);

	if (fd < 0)
		return;
	places = map(fd);
	if (!places)
		log_line("places in logs cannot be kept, and a restart may log some output twice: %s", strerror(errno));
	close(fd);
}

static struct slot *slot_of(uint32_t id)
{
	return places && id < DOMID_FIRST_RESERVED ? &places->slot[id] : NULL;
}

void place_set(uint32_t id, const struct place *p)
{
	struct slot *s = slot_of(id);
	uint32_t next;

	if (!s)
		return;
	next = s->which == 1 ? 2 : 1;
	s->at[next - 1] = *p;
	__atomic_store_n(&s->which, next, __ATOMIC_RELEASE);
}

bool place_get(uint32_t id, struct place *p)
{
	const struct slot *s = slot_of(id);

	if (!s || s->which < 1 || s->which > 2)
		return false;
	*p = s->at[s->which - 1];
	return true;
}

void place_clear(uint32_t id)
{
	struct slot *s = slot_of(id);

	if (s)
		s->which = 0;
}
