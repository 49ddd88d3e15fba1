// SPDX-License-Identifier: GPL-2.0-only
/*
 * hypfs_op: what the hypervisor is and how it was started, as a small tree of texts and numbers, read-only
 * but for what debug builds add. Directories are not stored: they are the prefixes of the entries' paths.
 * /dying is not in the table: it has a text for each domain that is not gone yet, of what keeps it.
 */
#include <hv/cmdline.h>
#include <hv/domain.h>
#include <hv/grant.h>
#include <hv/guest_access.h>
#include <hv/heap.h>
#include <hv/hypercall.h>
#include <hv/lib.h>
#include <hv/sched.h>
#include <public/hypfs.h>
#include <x86/current.h>

struct hypfs_file {
	const char *path;	/* without the first slash */
	u8 type;
	const char *text;	/* of a string */
	u32 number;		/* of a number */
	u32 *live;		/* of a number that can be written */
};

static const struct hypfs_file files[] = {
	{ "buildinfo/changeset", XEN_HYPFS_TYPE_STRING, "", 0, NULL },
	{ "buildinfo/compileinfo/compile_by", XEN_HYPFS_TYPE_STRING, "xenolith", 0, NULL },
	{ "buildinfo/compileinfo/compile_date", XEN_HYPFS_TYPE_STRING, "", 0, NULL },
	{ "buildinfo/compileinfo/compile_domain", XEN_HYPFS_TYPE_STRING, "", 0, NULL },
	{ "buildinfo/compileinfo/compiler", XEN_HYPFS_TYPE_STRING, __VERSION__, 0, NULL },
	{ "buildinfo/version/extra", XEN_HYPFS_TYPE_STRING, &XENOLITH_VERSION "-xenolith"[4], 0, NULL },
	{ "buildinfo/version/major", XEN_HYPFS_TYPE_UINT, NULL, 4, NULL },
	{ "buildinfo/version/minor", XEN_HYPFS_TYPE_UINT, NULL, 17, NULL },
	{ "cpupools/0/sched-gran", XEN_HYPFS_TYPE_STRING, "cpu", 0, NULL },
	/* The last one is of debug builds. */
	{ "params/alloc-fail", XEN_HYPFS_TYPE_UINT, NULL, 0, &alloc_fail_in },
};
#define NR_FILES (ARRAY_SIZE(files) - !IS_ENABLED(HV_DEBUG))

struct reply { u8 *buf; u32 len; };	/* grows within one page */

static void put_entry(struct reply *r, const char *name, size_t name_len, xen_hypfs_direntry_t e, u16 *last_off)
{
	size_t size = ROUND_UP(offsetof(struct xen_hypfs_dirlistentry, name) + name_len + 1, sizeof(u32));
	struct xen_hypfs_dirlistentry *d = (void *)(r->buf + r->len);

	ASSERT_CHEAP(r->len + size <= PAGE_SIZE);
	memset(d, 0, size);
	d->e = e;
	memcpy(d->name, name, name_len);
	d->off_next = (u16)size;
	*last_off = (u16)r->len;
	r->len += (u32)size;
}

static xen_hypfs_direntry_t file_entry(const struct hypfs_file *f)
{
	return (xen_hypfs_direntry_t){
		.type = f->type,
		.content_len = f->text ? (u32)strlen(f->text) + 1 : (u32)sizeof(f->number),
		.max_write_len = f->live ? (u32)sizeof(*f->live) : 0,
	};
}

/* Of more dying domains than these, and holders of one, nothing is told. */
#define DYING_MOST   64
#define HOLDERS_MOST 8
#define DYING_TEXT   256
#define DYING	     "dying"

/*
 * "state=dead references=N pages=N shared=N granted=DOMID:PINS,...": dying is torn down yet, dead only waits. Pages
 * are the domain's own, shared ones the hypervisor's; what nobody has by a grant, page tables hold.
 */
static u32 dying_text(struct domain *d, char *text)
{
	struct grant_holder holders[HOLDERS_MOST];
	unsigned int n = grant_holders(d, holders, HOLDERS_MOST);
	/* Less the reference that the caller holds. */
	int len = snprintf(text, DYING_TEXT, "state=%s references=%u pages=%lu shared=%lu granted=",
			   d->dying == DOMDYING_DEAD ? "dead" : "dying", READ_ONCE(d->refcnt) - 1,
			   (unsigned long)READ_ONCE(d->pages.count), (unsigned long)READ_ONCE(d->hv_pages.count));

	for (unsigned int i = 0; i < n; i++)
		len += snprintf(text + len, (size_t)(DYING_TEXT - len), "%s%u:%u", i ? "," : "", holders[i].domid,
				holders[i].pins);
	return (u32)len + 1;
}

static xen_hypfs_direntry_t text_entry(u32 len)
{
	return (xen_hypfs_direntry_t){ .type = XEN_HYPFS_TYPE_STRING, .content_len = len };
}

static u16 list_dying(struct reply *r)
{
	char name[8], text[DYING_TEXT];
	unsigned int n = 0;
	struct domain *d;
	u16 last = 0;

	for (domid_t id = 0; n < DYING_MOST && (d = domain_get_from(id)) != NULL; domain_put(d)) {
		id = (domid_t)(d->id + 1);
		if (!d->dying)
			continue;
		snprintf(name, sizeof(name), "%u", d->id);
		put_entry(r, name, strlen(name), text_entry(dying_text(d, text)), &last);
		n++;
	}
	return last;
}

/* The number as we write it, and the domain dies; referenced. */
static struct domain *find_dying(const char *path, size_t len)
{
	const size_t skip = sizeof(DYING);
	unsigned long long id;
	struct domain *d;
	const char *end;

	/* Five digits, so that none wraps around. */
	if (len <= skip || len > skip + 5 || memcmp(path, DYING "/", skip) || path[skip] < '0' || path[skip] > '9' ||
	    (path[skip] == '0' && len > skip + 1))
		return NULL;
	id = simple_strtoull(path + skip, &end, 10);
	if (end != path + len || id >= DOMID_FIRST_RESERVED)
		return NULL;
	d = domain_get((domid_t)id);
	if (!d || d->dying)
		return d;
	domain_put(d);
	return NULL;
}

static bool read_dying(const char *path, size_t len, xen_hypfs_direntry_t *e, struct reply *r)
{
	struct domain *d = find_dying(path, len);

	if (!d)
		return false;
	r->len = dying_text(d, (char *)r->buf);
	*e = text_entry(r->len);
	domain_put(d);
	return true;
}

/* Length of what lies below directory @dir, as its own listing would have it. */
static u32 list_dir(const char *dir, size_t dir_len, struct reply *r);

static u32 dir_size(const char *dir, size_t dir_len, u8 *scratch)
{
	struct reply r = { scratch, 0 };

	return list_dir(dir, dir_len, &r);
}

/* Neighbouring entries with the same first component are one directory: the table is sorted. */
static u32 list_dir(const char *dir, size_t dir_len, struct reply *r)
{
	const char *prev = NULL;
	size_t prev_len = 0;
	u16 last = 0;

	for (size_t i = 0; i < NR_FILES; i++) {
		const char *p = files[i].path, *slash;
		size_t n;

		if (dir_len) {
			if (strncmp(p, dir, dir_len) || p[dir_len] != '/')
				continue;
			p += dir_len + 1;
		}
		slash = strchr(p, '/');
		n = slash ? (size_t)(slash - p) : strlen(p);
		if (prev && prev_len == n && !memcmp(prev, p, n))
			continue;
		prev = p;
		prev_len = n;
		if (slash) {
			/* What the listing of it takes: written behind our own end for the moment. */
			xen_hypfs_direntry_t e = { .type = XEN_HYPFS_TYPE_DIR };

			e.content_len = dir_size(files[i].path, (size_t)(slash - files[i].path), r->buf + r->len);
			put_entry(r, p, n, e, &last);
		} else {
			put_entry(r, p, n, file_entry(&files[i]), &last);
		}
	}
	if (!dir_len) {
		xen_hypfs_direntry_t e = { .type = XEN_HYPFS_TYPE_DIR, .content_len = dir_size(DYING, strlen(DYING), r->buf + r->len) };

		if (e.content_len)
			put_entry(r, DYING, strlen(DYING), e, &last);
	} else if (dir_len == strlen(DYING) && !memcmp(dir, DYING, dir_len)) {
		last = list_dying(r);
	}
	if (r->len)
		((struct xen_hypfs_dirlistentry *)(void *)(r->buf + last))->off_next = 0;
	return r->len;
}

static const struct hypfs_file *find_file(const char *path, size_t len)
{
	for (size_t i = 0; i < NR_FILES; i++)
		if (strlen(files[i].path) == len && !memcmp(files[i].path, path, len))
			return &files[i];
	return NULL;
}

/* The contents of @path into @r; -ENOENT if there is nothing of that name. */
static int read_path(const char *path, xen_hypfs_direntry_t *e, struct reply *r)
{
	const struct hypfs_file *f;
	size_t len;

	path++;
	len = strlen(path);
	if (len && path[len - 1] == '/')
		len--;
	f = find_file(path, len);
	if (f) {
		*e = file_entry(f);
		memcpy(r->buf, f->text ? (const void *)f->text : f->live ? f->live : &f->number, e->content_len);
		r->len = e->content_len;
		return 0;
	}
	if (read_dying(path, len, e, r))
		return 0;
	*e = (xen_hypfs_direntry_t){ .type = XEN_HYPFS_TYPE_DIR };
	e->content_len = list_dir(path, len, r);
	return r->len ? 0 : -ENOENT;
}

static long hypfs_read(const char *path, unsigned long buf, unsigned long len)
{
	struct reply r = { alloc_hv_page(), 0 };
	xen_hypfs_direntry_t e;
	long rc;

	if (!r.buf)
		return -ENOMEM;
	rc = read_path(path, &e, &r);
	if (!rc && len < sizeof(e))
		rc = -ENOBUFS;
	else if (!rc && !copy_to_guest_raw(buf, &e, sizeof(e)))
		rc = -EFAULT;
	else if (!rc && len < sizeof(e) + r.len)
		rc = -ENOBUFS;		/* the entry says how much is needed */
	else if (!rc && !copy_to_guest_raw(buf + sizeof(e), r.buf, r.len))
		rc = -EFAULT;
	free_hv_page(r.buf);
	return rc;
}

static long hypfs_write(const char *path, unsigned long buf, unsigned long len)
{
	const struct hypfs_file *f = find_file(path + 1, strlen(path + 1));
	xen_hypfs_direntry_t e;
	struct reply r;
	u32 value;
	int rc;

	if (f && f->live) {
		if (len != sizeof(value))
			return -EINVAL;
		if (!copy_from_guest_raw(&value, buf, sizeof(value)))
			return -EFAULT;
		WRITE_ONCE(*f->live, value);
		return 0;
	}
	r = (struct reply){ alloc_hv_page(), 0 };
	if (!r.buf)
		return -ENOMEM;
	rc = read_path(path, &e, &r);
	free_hv_page(r.buf);
	return rc ? rc : -EACCES;
}

/* A path is absolute and ends in its only NUL. */
static long copy_path(char *path, unsigned long from, unsigned long len)
{
	if (!len || len > XEN_HYPFS_MAX_PATHLEN)
		return -EINVAL;
	if (!copy_from_guest_raw(path, from, len))
		return -EFAULT;
	return path[0] == '/' && memchr(path, 0, len) == path + len - 1 ? 0 : -EINVAL;
}

long do_hypfs_op(unsigned int cmd, unsigned long path_addr, unsigned long path_len, unsigned long buf, unsigned long len)
{
	char path[XEN_HYPFS_MAX_PATHLEN];
	long rc;

	if (!current->domain->is_privileged)
		return -EPERM;
	if (cmd == XEN_HYPFS_OP_get_version)
		return path_addr || path_len || buf || len ? -EINVAL : XEN_HYPFS_VERSION;
	rc = copy_path(path, path_addr, path_len);
	if (rc)
		return rc;
	switch (cmd) {
	case XEN_HYPFS_OP_read:
		return hypfs_read(path, buf, len);
	case XEN_HYPFS_OP_write_contents:
		return hypfs_write(path, buf, len);
	default:
		return -EOPNOTSUPP;
	}
}
