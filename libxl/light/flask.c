/* SPDX-License-Identifier: LGPL-2.1-only */
/* FLASK, the security module. The ABI: its mode and its policy answer with -1 and errno, labels with an error code. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "light.h"

#define LABEL_SIZE 4096 /* the longest that is answered */

int libxl_flask_context_to_sid(libxl_ctx *ctx, char *buf, size_t len, uint32_t *ssidref)
{
	return xc_flask_context_to_sid(ctx->xch, buf, (uint32_t)len, ssidref) ? ERROR_FAIL : 0;
}

int libxl_flask_sid_to_context(libxl_ctx *ctx, uint32_t ssidref, char **buf, size_t *len)
{
	char *label = xl_zalloc(LABEL_SIZE + 1);

	if (xc_flask_sid_to_context(ctx->xch, (int)ssidref, label, LABEL_SIZE)) {
		free(label);
		return ERROR_FAIL;
	}
	*len = strlen(label);
	*buf = xl_realloc(label, *len + 1);
	return 0;
}

int libxl_flask_getenforce(libxl_ctx *ctx)
{
	return xc_flask_getenforce(ctx->xch);
}

int libxl_flask_setenforce(libxl_ctx *ctx, int mode)
{
	return xc_flask_setenforce(ctx->xch, mode);
}

int libxl_flask_loadpolicy(libxl_ctx *ctx, void *policy, uint32_t size)
{
	return xc_flask_load(ctx->xch, policy, size);
}
