// SPDX-License-Identifier: LGPL-2.1-only
/*
 * In the place of unpack.c in the library that xl is linked with (libxenolith): five decoders are for few of xl's
 * commands, and would be a quarter of what each takes to start. Who needs one gets all of libxenguest.
 */
#include <dlfcn.h>

#include "image.h"

#define LIBRARY "libxenguest.so.4.17"

static void *decoder(const char *name, struct image_err *err)
{
	void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	void *fn = library ? dlsym(library, name) : NULL;

	if (!fn)
		image_fail(err, "no decoders: %s", dlerror());
	return fn;
}

int image_unpack(enum image_codec codec, struct image_span in, size_t size_hint, size_t max,
		 uint8_t **out, size_t *out_size, struct image_err *err)
{
	__typeof__(image_unpack) *fn = decoder("image_unpack", err);

	return fn ? fn(codec, in, size_hint, max, out, out_size, err) : -1;
}

int image_unpack_to(enum image_codec codec, struct image_span in, int fd, size_t size, size_t *used,
		    struct image_err *err)
{
	__typeof__(image_unpack_to) *fn = decoder("image_unpack_to", err);

	return fn ? fn(codec, in, fd, size, used, err) : -1;
}
