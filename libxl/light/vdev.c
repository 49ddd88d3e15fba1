/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Numbers of virtual disks. xvdN is disk N; the number that the guest sees follows the public vbd
 * interface: 202 << 8 | disk << 4 | partition as far as that reaches, 1 << 28 | disk << 8 | partition
 * beyond. hd and sd names are the numbers of Linux's old disk drivers.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"

#define EXTENDED_DISKS ((1 << 20) - 1)
#define EXTENDED_PARTITIONS 255

/* a is 0, z is 25, aa is 26. Returns what follows the letters, NULL when there are none or too many. */
static const char *letters(const char *s, int *disk)
{
	long d = 0;
	const char *p;

	for (p = s; islower((unsigned char)*p); p++) {
		d = d * 26 + (*p - 'a') + 1;
		if (d > EXTENDED_DISKS)
			return NULL;
	}
	*disk = (int)d - 1;
	return p == s ? NULL : p;
}

static bool number(const char *s, int most, int *v)
{
	char *end;
	long n;

	if (!isdigit((unsigned char)*s) || (s[0] == '0' && s[1]))
		return false;
	n = strtol(s, &end, 10);
	*v = (int)n;
	return !*end && n <= most;
}

static int xvd(int disk, int part)
{
	if (disk < 16 && part < 16)
		return 202 << 8 | disk << 4 | part;
	if (disk > EXTENDED_DISKS || part > EXTENDED_PARTITIONS)
		return -1;
	return 1 << 28 | disk << 8 | part;
}

static int hd(int disk, int part)
{
	if (disk > 3 || part > 63)
		return -1;
	return disk < 2 ? 3 << 8 | disk << 6 | part : 22 << 8 | (disk - 2) << 6 | part;
}

static int sd(int disk, int part)
{
	return disk > 15 || part > 15 ? -1 : 8 << 8 | disk << 4 | part;
}

static const struct {
	const char *prefix;
	int (*make)(int disk, int part);
} families[] = { { "xvd", xvd }, { "hd", hd }, { "sd", sd } };

/* "d2p3" names disk and partition by number alone. */
static int by_numbers(const char *s, int *disk, int *part)
{
	char *end;

	*disk = (int)strtol(s + 1, &end, 10);
	*part = 0;
	if (end == s + 1 || !isdigit((unsigned char)s[1]))
		return -1;
	if (*end == 'p' && !number(end + 1, EXTENDED_PARTITIONS, part))
		return -1;
	if (*end && *end != 'p')
		return -1;
	return xvd(*disk, *part);
}

int vdev_to_devid(const char *vdev, int *disk, int *partition)
{
	int d = 0, p = 0, devid = -1;
	const char *rest;
	size_t i;

	if (!strncmp(vdev, "/dev/", 5))
		vdev += 5;
	if (isdigit((unsigned char)*vdev)) {
		unsigned long n = strtoul(vdev, (char **)&rest, 0);

		devid = *rest || n > 0x1fffffff ? -1 : (int)n;
	} else if (vdev[0] == 'd' && isdigit((unsigned char)vdev[1])) {
		devid = by_numbers(vdev, &d, &p);
	}
	for (i = 0; devid < 0 && i < sizeof(families) / sizeof(families[0]); i++) {
		size_t n = strlen(families[i].prefix);

		if (strncmp(vdev, families[i].prefix, n))
			continue;
		rest = letters(vdev + n, &d);
		if (rest && (!*rest || (number(rest, EXTENDED_PARTITIONS, &p) && p)))
			devid = families[i].make(d, p);
	}
	if (devid >= 0 && disk)
		*disk = d;
	if (devid >= 0 && partition)
		*partition = p;
	return devid;
}
