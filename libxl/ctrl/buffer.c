// SPDX-License-Identifier: LGPL-2.1-only
/* Hypercall buffers: allocation, arrays, and copies of user memory. */
#include "ctrl_internal.h"

xc_hypercall_buffer_t XC__HYPERCALL_BUFFER_NAME(HYPERCALL_BUFFER_NULL) = {
	.hbuf = NULL, .param_shadow = NULL, HYPERCALL_BUFFER_INIT_NO_BOUNCE,
};

static xc_hypercall_buffer_t *real(xc_hypercall_buffer_t *b)
{
	return b->param_shadow ? b->param_shadow : b;
}

void *xc__hypercall_buffer_alloc(xc_interface *xch, xc_hypercall_buffer_t *b, size_t size)
{
	b = real(b);
	b->hbuf = xencall_alloc_buffer(xch->xcall, size);
	return b->hbuf;
}

void xc__hypercall_buffer_free(xc_interface *xch, xc_hypercall_buffer_t *b)
{
	b = real(b);
	xencall_free_buffer(xch->xcall, b->hbuf);
	b->hbuf = NULL;
}

void *xc__hypercall_buffer_alloc_pages(xc_interface *xch, xc_hypercall_buffer_t *b, int nr_pages)
{
	b = real(b);
	if (nr_pages <= 0) {
		errno = EINVAL;
		return NULL;
	}
	b->hbuf = xencall_alloc_buffer_pages(xch->xcall, (size_t)nr_pages);
	return b->hbuf;
}

void xc__hypercall_buffer_free_pages(xc_interface *xch, xc_hypercall_buffer_t *b, int nr_pages)
{
	b = real(b);
	xencall_free_buffer_pages(xch->xcall, b->hbuf, (size_t)nr_pages);
	b->hbuf = NULL;
}

struct xc_hypercall_buffer_array {
	unsigned int n;
	xc_hypercall_buffer_t bufs[];
};

xc_hypercall_buffer_array_t *xc_hypercall_buffer_array_create(xc_interface *xch, unsigned n)
{
	struct xc_hypercall_buffer_array *array = calloc(1, sizeof(*array) + n * sizeof(array->bufs[0]));

	if (array)
		array->n = n;
	return array;
}

void *xc__hypercall_buffer_array_alloc(xc_interface *xch, xc_hypercall_buffer_array_t *array,
				       unsigned index, xc_hypercall_buffer_t *hbuf, size_t size)
{
	void *p;

	if (index >= array->n || array->bufs[index].hbuf) {
		errno = EINVAL;
		return NULL;
	}
	p = xc__hypercall_buffer_alloc(xch, hbuf, size);
	if (p)
		array->bufs[index] = *real(hbuf);
	return p;
}

void *xc__hypercall_buffer_array_get(xc_interface *xch, xc_hypercall_buffer_array_t *array,
				     unsigned index, xc_hypercall_buffer_t *hbuf)
{
	if (index >= array->n || !array->bufs[index].hbuf) {
		errno = EINVAL;
		return NULL;
	}
	*real(hbuf) = array->bufs[index];
	return array->bufs[index].hbuf;
}

void xc_hypercall_buffer_array_destroy(xc_interface *xch, xc_hypercall_buffer_array_t *array)
{
	if (!array)
		return;
	for (unsigned int i = 0; i < array->n; i++)
		xc__hypercall_buffer_free(xch, &array->bufs[i]);
	free(array);
}

int xc__hypercall_bounce_pre(xc_interface *xch, xc_hypercall_buffer_t *b)
{
	if (b->ubuf == (void *)-1)
		return 0; /* a buffer already */
	if (!b->ubuf || !b->sz) {
		b->hbuf = NULL;
		return 0;
	}
	b->hbuf = xencall_alloc_buffer(xch->xcall, b->sz);
	if (!b->hbuf)
		return -1;
	/* What only comes out starts from zeros: pages are used again. */
	if (b->dir & XC_BOUNCE_IN)
		memcpy(b->hbuf, b->ubuf, b->sz);
	else
		memset(b->hbuf, 0, b->sz);
	return 0;
}

void xc__hypercall_bounce_post(xc_interface *xch, xc_hypercall_buffer_t *b)
{
	if (b->ubuf == (void *)-1 || !b->hbuf)
		return;
	if (b->dir & XC_BOUNCE_OUT)
		memcpy(b->ubuf, b->hbuf, b->sz);
	xencall_free_buffer(xch->xcall, b->hbuf);
	b->hbuf = NULL;
}

void xc_unbounce_all(xc_interface *xch, xc_hypercall_buffer_t *const b[], size_t n)
{
	int saved = errno;

	while (n--)
		xc__hypercall_bounce_post(xch, b[n]);
	errno = saved;
}

int xc_bounce_all(xc_interface *xch, xc_hypercall_buffer_t *const b[], size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (xc__hypercall_bounce_pre(xch, b[i])) {
			xc_fail(xch, XC_OUT_OF_MEMORY, "no memory for a hypercall argument of %zu bytes", b[i]->sz);
			while (i--) {
				b[i]->dir = XC_BOUNCE_NONE;
				xc__hypercall_bounce_post(xch, b[i]);
			}
			return -1;
		}
	}
	return 0;
}
