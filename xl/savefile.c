// SPDX-License-Identifier: GPL-2.0-only
/* The head of a saved domain. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "savefile.h"

/* A config of a real domain has some kilobytes; a damaged length must not ask for gigabytes. */
#define MAX_OPTIONAL (4u << 20)

const char *savefile_check(const struct savefile_header *header)
{
	if (memcmp(header->magic, SAVEFILE_MAGIC, sizeof(header->magic)))
		return "it is no saved domain (wrong magic number)";
	if (header->byte_order != SAVEFILE_BYTE_ORDER)
		return "it was saved on a machine of another byte order";
	if (header->mandatory & ~SAVEFILE_KNOWN)
		return "it needs features that this xl does not know; use the xl that saved it, or a newer one";
	if (!(header->mandatory & SAVEFILE_STREAM_V2))
		return "its stream is of Xen 4.5 or older; convert it with convert-legacy-stream";
	if (header->length > MAX_OPTIONAL)
		return "its head is damaged (length of the configuration)";
	return NULL;
}

/* Optional data: a length, then that many bytes of configuration; more may follow one day. */
static int take_config(const char *data, uint32_t length, struct savefile *save)
{
	uint32_t n;

	if (!length)
		return 0;
	if (length < sizeof(n))
		return -1;
	memcpy(&n, data, sizeof(n));
	if (n > length - sizeof(n))
		return -1;
	save->config = xl_calloc(1, (size_t)n + 1);
	memcpy(save->config, data + sizeof(n), n);
	save->config_length = strlen(save->config);
	return 0;
}

int savefile_read(int fd, const char *name, struct savefile *save)
{
	struct savefile_header header;
	const char *why;
	char *data;
	int rc;

	*save = (struct savefile){ 0 };
	if (libxl_read_exactly(ctx, fd, &header, sizeof(header), name, "header"))
		return xl_error("%s: it is shorter than the head of a saved domain", name);
	why = savefile_check(&header);
	if (why)
		return xl_error("%s cannot be restored: %s", name, why);
	save->flags = header.mandatory;
	data = xl_calloc(1, header.length);
	rc = header.length ? libxl_read_exactly(ctx, fd, data, header.length, name, "configuration") : 0;
	if (rc)
		xl_error("%s is cut short inside its configuration", name);
	else if (take_config(data, header.length, save))
		rc = xl_error("%s cannot be restored: its head is damaged", name);
	free(data);
	return rc;
}

int savefile_write(int fd, const char *name, const char *config)
{
	uint32_t n = (uint32_t)strlen(config) + 1;
	struct savefile_header header = {
		.byte_order = SAVEFILE_BYTE_ORDER,
		.mandatory = SAVEFILE_JSON | SAVEFILE_STREAM_V2,
		.length = n + sizeof(n),
	};

	memcpy(header.magic, SAVEFILE_MAGIC, sizeof(header.magic));
	if (libxl_write_exactly(ctx, fd, &header, sizeof(header), name, "header") ||
	    libxl_write_exactly(ctx, fd, &n, sizeof(n), name, "configuration length") ||
	    libxl_write_exactly(ctx, fd, config, n, name, "configuration"))
		return xl_error("%s could not be written; is there room?", name);
	return 0;
}
