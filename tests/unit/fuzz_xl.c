// SPDX-License-Identifier: GPL-2.0-only
/*
 * libFuzzer: configuration text all the way to a libxl_domain_config and back out as JSON, with
 * the pretended host of tests/blackbox/xl/fakexen.c linked in.
 */
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* The keys that every configuration needs go before what the fuzzer makes up. */
	static const char head[] = "name='f'\nkernel='k'\nuuid='11111111-2222-3333-4444-555555555555'\n";
	struct config_source source = { .file = "fuzz", .quiet = true };
	libxl_domain_config config;
	char *text;

	if (!ctx && (!log_start(XTL_CRITICAL, 0) || !xl_open()))
		abort();
	if (size > 1 << 14)
		return 0;
	text = malloc(sizeof(head) - 1 + size);
	memcpy(text, head, sizeof(head) - 1);
	if (size)
		memcpy(text + sizeof(head) - 1, data, size);
	source.text = text;
	source.length = sizeof(head) - 1 + size;
	libxl_domain_config_init(&config);
	if (!config_read(&source, &config))
		free(libxl_domain_config_to_json(ctx, &config));
	libxl_domain_config_dispose(&config);
	free(text);
	return 0;
}
