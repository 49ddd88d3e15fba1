// SPDX-License-Identifier: MIT
/*
 * Create a PV guest through libxl, and let it run:
 *
 *     cc -o create_guest create_guest.c $(pkg-config --cflags --libs xenlight)
 *     ./create_guest NAME MEMORY-MIB KERNEL [RAMDISK [COMMAND-LINE [DISK]]]
 *
 * DISK is a block device, which the guest knows as xvda. The guest's number goes to stdout, what libxl says to stderr.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxl.h>

static char *copy(const char *s)
{
	return s && s[0] ? strdup(s) : NULL;
}

static void add_disk(libxl_domain_config *config, const char *path)
{
	libxl_device_disk *disk = malloc(sizeof(*disk));

	if (!disk)
		return;
	libxl_device_disk_init(disk);
	disk->pdev_path = copy(path);
	disk->vdev = copy("xvda");
	disk->format = LIBXL_DISK_FORMAT_RAW;
	disk->readwrite = 1;
	config->disks = disk;
	config->num_disks = 1;
}

/* Whatever the caller does not say is at its default, which libxl fills in. */
static void configure(libxl_domain_config *config, int argc, char **argv)
{
	libxl_domain_create_info *c = &config->c_info;
	libxl_domain_build_info *b = &config->b_info;

	libxl_domain_config_init(config);
	c->type = LIBXL_DOMAIN_TYPE_PV;
	c->name = copy(argv[1]);
	libxl_uuid_generate(&c->uuid);
	libxl_domain_build_info_init_type(b, c->type);
	b->max_memkb = b->target_memkb = strtoull(argv[2], NULL, 10) << 10;
	b->kernel = copy(argv[3]);
	if (argc > 4)
		b->ramdisk = copy(argv[4]);
	if (argc > 5)
		b->cmdline = copy(argv[5]);
	if (argc > 6)
		add_disk(config, argv[6]);
}

/* Without an asyncop_how each call returns when it is done. A new domain is paused, so that its console can be had. */
static int create(libxl_ctx *ctx, libxl_domain_config *config)
{
	uint32_t domid;

	if (libxl_domain_create_new(ctx, config, &domid, NULL, NULL))
		return EXIT_FAILURE;
	if (libxl_domain_unpause(ctx, domid, NULL)) {
		libxl_domain_destroy(ctx, domid, NULL);
		return EXIT_FAILURE;
	}
	printf("%u\n", domid);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	xentoollog_logger_stdiostream *log = xtl_createlogger_stdiostream(stderr, XTL_WARN, 0);
	libxl_domain_config config;
	libxl_ctx *ctx;
	int result;

	if (argc < 4 || argc > 7) {
		fprintf(stderr, "usage: create_guest NAME MEMORY-MIB KERNEL [RAMDISK [COMMAND-LINE [DISK]]]\n");
		return 2;
	}
	if (libxl_ctx_alloc(&ctx, LIBXL_VERSION, 0, (xentoollog_logger *)log))
		return EXIT_FAILURE;
	configure(&config, argc, argv);
	result = create(ctx, &config);
	libxl_domain_config_dispose(&config);
	libxl_ctx_free(ctx);
	xtl_logger_destroy((xentoollog_logger *)log);
	return result;
}
