// SPDX-License-Identifier: LGPL-2.1-only
/* The builder's state: allocation, its memory, messages, files. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest_internal.h"

/* --- messages */

int xc_dom_loginit(xc_interface *xch)
{
	return 0;
}

void xc_dom_printf(xc_interface *xch, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	xc_reportv(xch, xch->dombuild_logger, XTL_DETAIL, 0, fmt, args);
	va_end(args);
}

static void report(xc_interface *xch, xc_error_code err, const char *fmt, va_list args)
{
	const int saved = errno;
	char text[XC_MAX_ERROR_MSG_LEN];

	vsnprintf(text, sizeof(text), fmt, args);
	xc_report(xch, xch->dombuild_logger, XTL_ERROR, (int)err, "%s", text);
	memcpy(xch->last_error.message, text, sizeof(text));
	xch->last_error.code = err;
	errno = saved ? saved : EINVAL;
}

void xc_dom_panic_func(xc_interface *xch, const char *file, int line, xc_error_code err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	report(xch, err, fmt, args);
	va_end(args);
}

int dom_fail(struct xc_dom_image *dom, xc_error_code err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	report(dom->xch, err, fmt, args);
	va_end(args);
	return -1;
}

/* --- memory that goes with the builder */

static struct xc_dom_mem *remember(struct xc_dom_image *dom, size_t extra)
{
	struct xc_dom_mem *block = calloc(1, sizeof(*block) + extra);

	if (!block) {
		dom_fail(dom, XC_OUT_OF_MEMORY, "no memory for %zu bytes", extra);
		return NULL;
	}
	block->next = dom->memblocks;
	dom->memblocks = block;
	return block;
}

void *xc_dom_malloc(struct xc_dom_image *dom, size_t size)
{
	struct xc_dom_mem *block = remember(dom, size);

	if (!block)
		return NULL;
	block->type = XC_DOM_MEM_TYPE_MALLOC_INTERNAL;
	dom->alloc_malloc += size;
	return block->memory;
}

int xc_dom_register_external(struct xc_dom_image *dom, void *ptr, size_t size)
{
	struct xc_dom_mem *block = remember(dom, 0);

	if (!block)
		return -1;
	block->type = XC_DOM_MEM_TYPE_MALLOC_EXTERNAL;
	block->ptr = ptr;
	dom->alloc_malloc += size;
	return 0;
}

static void *keep_mapping(struct xc_dom_image *dom, void *p, size_t len)
{
	struct xc_dom_mem *block;

	if (p == MAP_FAILED)
		return NULL;
	block = remember(dom, 0);
	if (!block) {
		munmap(p, len);
		return NULL;
	}
	block->type = XC_DOM_MEM_TYPE_MMAP;
	block->ptr = p;
	block->len = len;
	return p;
}

void *xc_dom_malloc_page_aligned(struct xc_dom_image *dom, size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	p = keep_mapping(dom, p, size);
	if (p)
		dom->alloc_mem_map += size;
	return p;
}

static void *map_file(struct xc_dom_image *dom, const char *filename, size_t *size, const size_t max_size,
		      struct stat *id)
{
	void *p = NULL;
	struct stat st = { 0 };
	int fd = open(filename, O_RDONLY | O_CLOEXEC), saved;

	if (fd < 0) {
		dom_fail(dom, XC_INVALID_KERNEL, "cannot open %s: %s", filename, strerror(errno));
		return NULL;
	}
	if (fstat(fd, &st) < 0) {
		dom_fail(dom, XC_INVALID_KERNEL, "cannot stat %s: %s", filename, strerror(errno));
	} else if (!S_ISREG(st.st_mode) || !st.st_size) {
		errno = EINVAL;
		dom_fail(dom, XC_INVALID_KERNEL, "%s is empty or no regular file", filename);
	} else if (max_size && (uint64_t)st.st_size > max_size) {
		errno = E2BIG;
		dom_fail(dom, XC_INVALID_KERNEL, "%s has %lld bytes, the limit is %zu", filename,
			 (long long)st.st_size, max_size);
	} else {
		*size = (size_t)st.st_size;
		p = keep_mapping(dom, mmap(NULL, *size, PROT_READ, MAP_PRIVATE, fd, 0), *size);
		if (p)
			dom->alloc_file_map += *size;
		else
			dom_fail(dom, XC_INTERNAL_ERROR, "cannot map %s: %s", filename, strerror(errno));
	}
	if (id)
		*id = st;
	saved = errno;
	close(fd);
	errno = saved;
	return p;
}

void *xc_dom_malloc_filemap(struct xc_dom_image *dom, const char *filename, size_t *size,
			    const size_t max_size)
{
	return map_file(dom, filename, size, max_size, NULL);
}

struct dom_kernel *dom_kernel_of(struct xc_dom_image *dom)
{
	if (!dom->private_loader)
		dom->private_loader = xc_dom_malloc(dom, sizeof(struct dom_kernel));
	return dom->private_loader;
}

int dom_keep_mapping(struct xc_dom_image *dom, void *p, size_t len)
{
	return keep_mapping(dom, p, len) ? 0 : -1;
}

char *xc_dom_strdup(struct xc_dom_image *dom, const char *str)
{
	const size_t len = strlen(str) + 1;
	char *copy = xc_dom_malloc(dom, len);

	if (copy)
		memcpy(copy, str, len);
	return copy;
}

void xc_dom_log_memory_footprint(struct xc_dom_image *dom)
{
	xc_dom_printf(dom->xch, "builder memory: %zu bytes allocated, %zu mapped, %zu of files, %zu of the domain",
		      dom->alloc_malloc, dom->alloc_mem_map, dom->alloc_file_map, dom->alloc_domU_map);
}

static void free_memory(struct xc_dom_image *dom)
{
	struct xc_dom_mem *block;

	while ((block = dom->memblocks)) {
		dom->memblocks = block->next;
		if (block->type == XC_DOM_MEM_TYPE_MALLOC_EXTERNAL)
			free(block->ptr);
		else if (block->type == XC_DOM_MEM_TYPE_MMAP)
			munmap(block->ptr, block->len);
		free(block);
	}
}

/* --- life */

struct xc_dom_image *xc_dom_allocate(xc_interface *xch, const char *cmdline, const char *features)
{
	struct xc_dom_image *dom = calloc(1, sizeof(*dom));
	struct image_err err = { 0 };
	uint32_t required = 0;

	if (!dom)
		return NULL;
	dom->xch = xch;
	dom->max_kernel_size = XC_DOM_DECOMPRESS_MAX;
	dom->max_module_size = XC_DOM_DECOMPRESS_MAX;
	dom->max_devicetree_size = XC_DOM_DECOMPRESS_MAX;
	dom->parms = xc_dom_malloc(dom, sizeof(*dom->parms));
	if (!dom->parms)
		goto fail;
	dom->parms->virt_base = PARM_UNSET;
	dom->parms->virt_entry = PARM_UNSET;
	dom->parms->virt_hypercall = PARM_UNSET;
	if (cmdline) {
		dom->cmdline = xc_dom_strdup(dom, cmdline);
		if (!dom->cmdline)
			goto fail;
	}
	if (features && features_parse(features, dom->f_requested, &required, &err)) {
		dom_fail(dom, XC_INVALID_PARAM, "%s", err.text);
		goto fail;
	}
	return dom;

fail:
	xc_dom_release(dom);
	return NULL;
}

void xc_dom_release_phys(struct xc_dom_image *dom)
{
	struct xc_dom_phys *phys;

	while ((phys = dom->phys_pages)) {
		dom->phys_pages = phys->next;
		free(phys);
	}
}

void xc_dom_release(struct xc_dom_image *dom)
{
	if (!dom)
		return;
	if (dom->phys_pages)
		xc_dom_unmap_all(dom);
	free_memory(dom);
	free(dom);
}

/* --- sizes, files, blobs */

static int set_max(size_t *max, size_t sz)
{
	*max = sz;
	return 0;
}

int xc_dom_kernel_max_size(struct xc_dom_image *dom, size_t sz)
{
	return set_max(&dom->max_kernel_size, sz);
}

int xc_dom_module_max_size(struct xc_dom_image *dom, size_t sz)
{
	return set_max(&dom->max_module_size, sz);
}

int xc_dom_devicetree_max_size(struct xc_dom_image *dom, size_t sz)
{
	return set_max(&dom->max_devicetree_size, sz);
}

int xc_dom_kernel_check_size(struct xc_dom_image *dom, size_t sz)
{
	if (!sz)
		return dom_fail(dom, XC_INVALID_KERNEL, "kernel is empty");
	if (dom->max_kernel_size && sz > dom->max_kernel_size)
		return dom_fail(dom, XC_INVALID_KERNEL, "kernel of %zu bytes is over the limit of %zu", sz,
				dom->max_kernel_size);
	return 0;
}

int xc_dom_kernel_file(struct xc_dom_image *dom, const char *filename)
{
	struct dom_kernel *k = dom_kernel_of(dom);

	if (!k)
		return -1;
	xc_dom_printf(dom->xch, "kernel: %s", filename);
	dom->kernel_blob = map_file(dom, filename, &dom->kernel_size, dom->max_kernel_size, &k->file);
	k->has_file = dom->kernel_blob != NULL;
	return dom->kernel_blob ? 0 : -1;
}

int xc_dom_kernel_mem(struct xc_dom_image *dom, const void *mem, size_t memsize)
{
	if (xc_dom_kernel_check_size(dom, memsize))
		return -1;
	dom->kernel_blob = (void *)(uintptr_t)mem;
	dom->kernel_size = memsize;
	return 0;
}

static struct xc_dom_module *next_module(struct xc_dom_image *dom, const char *cmdline)
{
	struct xc_dom_module *m;

	if (dom->num_modules == XG_MAX_MODULES) {
		errno = E2BIG;
		dom_fail(dom, XC_INVALID_PARAM, "more than %d modules", XG_MAX_MODULES);
		return NULL;
	}
	m = &dom->modules[dom->num_modules];
	m->cmdline = NULL;
	if (cmdline) {
		m->cmdline = xc_dom_strdup(dom, cmdline);
		if (!m->cmdline)
			return NULL;
	}
	return m;
}

int xc_dom_module_file(struct xc_dom_image *dom, const char *filename, const char *cmdline)
{
	struct xc_dom_module *m = next_module(dom, cmdline);

	if (!m)
		return -1;
	xc_dom_printf(dom->xch, "module %u: %s", dom->num_modules, filename);
	m->blob = xc_dom_malloc_filemap(dom, filename, &m->size, dom->max_module_size);
	if (!m->blob)
		return -1;
	dom->num_modules++;
	return 0;
}

int xc_dom_module_mem(struct xc_dom_image *dom, const void *mem, size_t memsize, const char *cmdline)
{
	struct xc_dom_module *m = next_module(dom, cmdline);

	if (!m)
		return -1;
	m->blob = (void *)(uintptr_t)mem;
	m->size = memsize;
	dom->num_modules++;
	return 0;
}

int xc_dom_devicetree_file(struct xc_dom_image *dom, const char *filename)
{
	errno = EOPNOTSUPP;
	return dom_fail(dom, XC_INVALID_PARAM, "device trees are not for x86");
}

int xc_dom_devicetree_mem(struct xc_dom_image *dom, const void *mem, size_t memsize)
{
	return xc_dom_devicetree_file(dom, NULL);
}

/* --- gzip helpers of old */

size_t xc_dom_check_gzip(xc_interface *xch, void *blob, size_t ziplen)
{
	const struct image_span in = { blob, ziplen };
	uint32_t size;

	if (image_codec_of(in) != CODEC_GZIP || ziplen < 18)
		return 0;
	memcpy(&size, (const char *)blob + ziplen - 4, sizeof(size));
	if (size > XC_DOM_DECOMPRESS_MAX) {
		errno = E2BIG;
		xc_dom_printf(xch, "gzip data would unpack to %u bytes: refused", size);
		return 0;
	}
	return size;
}

int xc_dom_do_gunzip(xc_interface *xch, void *src, size_t srclen, void *dst, size_t dstlen)
{
	const struct image_span in = { src, srclen };
	struct image_err err = { 0 };
	uint8_t *out;
	size_t size;

	if (image_unpack(CODEC_GZIP, in, dstlen, dstlen, &out, &size, &err)) {
		errno = EINVAL;
		xc_dom_panic(xch, XC_INVALID_KERNEL, "%s", err.text);
		return -1;
	}
	memcpy(dst, out, size);
	free(out);
	return 0;
}

int xc_dom_try_gunzip(struct xc_dom_image *dom, void **blob, size_t *size)
{
	const struct image_span in = { *blob, *size };
	struct image_err err = { 0 };
	uint8_t *out;
	size_t out_size;

	if (image_codec_of(in) != CODEC_GZIP)
		return 0;
	if (image_unpack(CODEC_GZIP, in, xc_dom_check_gzip(dom->xch, *blob, *size), dom->max_kernel_size, &out,
			 &out_size, &err))
		return dom_fail(dom, XC_INVALID_KERNEL, "%s", err.text);
	if (xc_dom_register_external(dom, out, out_size)) {
		free(out);
		return -1;
	}
	*blob = out;
	*size = out_size;
	return 0;
}

/* --- what the kernel said */

uint64_t xc_dom_virt_base(struct xc_dom_image *dom)
{
	return dom->parms->virt_base;
}

uint64_t xc_dom_virt_entry(struct xc_dom_image *dom)
{
	return dom->parms->virt_entry;
}

uint64_t xc_dom_virt_hypercall(struct xc_dom_image *dom)
{
	return dom->parms->virt_hypercall;
}

char *xc_dom_guest_os(struct xc_dom_image *dom)
{
	return dom->parms->guest_os;
}

bool xc_dom_feature_get(struct xc_dom_image *dom, unsigned int nr)
{
	return nr < 32 && (dom->parms->f_supported >> nr & 1);
}

bool xc_dom_translated(const struct xc_dom_image *dom)
{
	return dom->container_type == XC_DOM_HVM_CONTAINER;
}
