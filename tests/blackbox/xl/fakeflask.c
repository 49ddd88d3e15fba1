// SPDX-License-Identifier: GPL-2.0-only
/* The security module of a pretended host: $FAKEXEN_FLASK is the file whose one character is its mode, 0 or 1. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xen/xen.h>
#include <xen/xsm/flask_op.h>

#include "fakexen.h"

#define POLICY_MAGIC 0xf97cff8cu

static int failed(int error)
{
	errno = error;
	return -1;
}

static int load(const xen_flask_load_t *policy)
{
	uint32_t magic = 0;

	memcpy(&magic, policy->buffer.p, policy->size < sizeof(magic) ? policy->size : sizeof(magic));
	return magic == POLICY_MAGIC ? 0 : failed(EINVAL);
}

int fake_flask_op(struct xen_flask_op *op)
{
	const char *file = getenv("FAKEXEN_FLASK");
	int fd = file ? open(file, O_RDWR | O_CLOEXEC) : -1, rc = 0;
	char mode = '0';

	if (fd < 0)
		return failed(ENOSYS);
	if (read(fd, &mode, 1) != 1)
		abort();
	switch (op->cmd) {
	case FLASK_GETENFORCE:
		rc = mode == '1';
		break;
	case FLASK_SETENFORCE:
		mode = op->u.enforce.enforcing ? '1' : '0';
		rc = fake_fails("setenforce") || pwrite(fd, &mode, 1, 0) != 1 ? -1 : 0;
		break;
	case FLASK_LOAD:
		rc = load(&op->u.load);
		break;
	default:
		rc = failed(ENOSYS);
	}
	close(fd);
	return rc;
}
