// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal.h"

#ifndef XEN_RUN_DIR
#define XEN_RUN_DIR "/run/xen"
#endif
#define FOLDER XEN_RUN_DIR "/notes"
#define UNKNOWN ((uint32_t)INVALID_DOMID)
#define MOST 256 /* a name; more is damage */

static char *path_of(const libxl_uuid *uuid)
{
	return xl_printf(FOLDER "/" LIBXL_UUID_FMT, LIBXL_UUID_BYTES(*uuid));
}

/* Of the process, so that our children do not keep it. */
static bool lock(int fd)
{
	struct flock how = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	struct stat info;

	/* A file that was removed while we opened it is nobody's note any more. */
	return !fcntl(fd, F_SETLK, &how) && !fstat(fd, &info) && info.st_nlink;
}

/* "DOMID NAME"; the number of one that is being created is not known yet. */
struct note {
	libxl_uuid uuid;
	uint32_t domid;
	char name[MOST];
};

static bool write_note(int fd, const struct note *note)
{
	char *text = xl_printf("%u %s", note->domid, note->name);
	size_t n = strlen(text);
	bool written = !ftruncate(fd, 0) && pwrite(fd, text, n, 0) == (ssize_t)n;

	free(text);
	return written;
}

static bool read_note(int fd, const char *uuid, struct note *note)
{
	char text[MOST + 16] = "", *end;

	if (pread(fd, text, sizeof(text) - 1, 0) <= 0 || libxl_uuid_from_string(&note->uuid, uuid))
		return false;
	note->domid = (uint32_t)strtoul(text, &end, 10);
	snprintf(note->name, sizeof(note->name), "%s", *end ? end + 1 : "");
	return *end == ' ';
}

/* A locked file with a note in it; -1 with errno. */
static int leave_note(const struct note *note)
{
	char *path = path_of(&note->uuid);
	int fd;

	mkdir(XEN_RUN_DIR, 0755);
	mkdir(FOLDER, 0700);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	free(path);
	if (fd >= 0 && lock(fd) && write_note(fd, note))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static void take_note_away(int fd, const libxl_uuid *uuid)
{
	char *path = path_of(uuid);

	unlink(path);
	free(path);
	close(fd);
}

/*
 * Of a creation, ours to remove is what nobody ever let run: the UUID alone may be another domain's that was given
 * the same, and a death after the last step of a creation leaves a domain that is as good as any.
 */
static bool is_ours(const libxl_dominfo *info, const struct note *note)
{
	char *now;
	bool same;

	if (libxl_uuid_compare(&info->uuid, &note->uuid))
		return false;
	if (note->domid == info->domid)
		return true;
	if (note->domid != UNKNOWN || info->cpu_time || !(info->paused || info->dying))
		return false;
	now = libxl_domid_to_name(ctx, info->domid);
	same = !now || !strcmp(now, note->name);
	free(now);
	return same;
}

/* Should we die over this in turn, the next one finds the number in the note. */
static void remove_rest(int fd, struct note *note, uint32_t domid)
{
	int rc;

	xl_warn("domain %u (`%s') was left half %s by an xl that was killed; removing it", domid, note->name,
		note->domid == UNKNOWN ? "made" : "removed");
	note->domid = domid;
	write_note(fd, note);
	rc = libxl_domain_destroy(ctx, domid, NULL);
	if (rc)
		xl_libxl_error(rc, "domain %u could not be removed; try `xl destroy %u'", domid, domid);
}

static void recover(int fd, struct note *note)
{
	int count = 0;
	libxl_dominfo *list = libxl_list_domain(ctx, &count);
	bool lives = false;
	char *name;

	for (int i = 0; list && i < count; i++) {
		lives = lives || list[i].domid == note->domid;
		if (is_ours(&list[i], note))
			remove_rest(fd, note, list[i].domid);
	}
	if (list)
		libxl_dominfo_list_free(list, count);
	/* The name goes last: it may be all that is left. */
	name = lives || note->domid == UNKNOWN ? NULL : libxl_domid_to_name(ctx, note->domid);
	if (list && name && !strcmp(name, note->name))
		remove_rest(fd, note, note->domid);
	free(name);
}

static void settle(const char *uuid)
{
	char *path = xl_printf(FOLDER "/%s", uuid);
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	struct note note;

	if (fd >= 0 && lock(fd)) {
		if (read_note(fd, uuid, &note))
			recover(fd, &note);
		unlink(path);
	}
	if (fd >= 0)
		close(fd);
	free(path);
}

void journal_recover(void)
{
	DIR *folder = opendir(FOLDER);
	struct dirent *entry;

	if (!folder)
		return; /* no domain was ever created, or we may not look */
	while ((entry = readdir(folder)))
		if (entry->d_name[0] != '.')
			settle(entry->d_name);
	closedir(folder);
}

/* Somebody else's note, if he lives. */
static bool read_entry(const char *uuid, struct journal_entry *entry)
{
	char *path = xl_printf(FOLDER "/%s", uuid);
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct note note;
	struct stat info;
	bool found;

	free(path);
	if (fd < 0)
		return false;
	found = !fcntl(fd, F_GETLK, &lock) && lock.l_type != F_UNLCK && !fstat(fd, &info) && read_note(fd, uuid, &note);
	if (found) {
		*entry = (struct journal_entry){ .uuid = note.uuid, .creation = note.domid == UNKNOWN, .domid = note.domid,
						 .pid = lock.l_pid, .since = info.st_mtime };
		snprintf(entry->name, sizeof(entry->name), "%s", note.name);
	}
	close(fd);
	return found;
}

struct journal_entry *journal_list(size_t *count)
{
	DIR *folder = opendir(FOLDER);
	struct journal_entry *list = NULL;
	struct dirent *entry;

	*count = 0;
	while (folder && (entry = readdir(folder))) {
		if (entry->d_name[0] == '.')
			continue;
		list = xl_realloc(list, (*count + 1) * sizeof(*list));
		if (read_entry(entry->d_name, &list[*count]))
			(*count)++;
	}
	if (folder)
		closedir(folder);
	return list;
}

int journal_begin(libxl_domain_create_info *info)
{
	struct note note = { .domid = UNKNOWN };
	int fd;

	if (libxl_uuid_is_nil(&info->uuid))
		libxl_uuid_generate(&info->uuid);
	libxl_uuid_copy(ctx, &note.uuid, &info->uuid);
	snprintf(note.name, sizeof(note.name), "%s", info->name);
	fd = leave_note(&note);
	if (fd >= 0)
		return fd;
	if (errno == EAGAIN || errno == EACCES)
		xl_fail(XL_KIND_BUSY, "domain `%s': another xl creates or removes a domain with its UUID just now; try again", info->name);
	else
		xl_error("domain `%s': cannot write a note for a later xl to " FOLDER ": %s", info->name, strerror(errno));
	return -1;
}

/* Also when nobody can tell: a later xl will. */
static bool may_be_left(const libxl_uuid *uuid)
{
	int count = 0;
	libxl_dominfo *list = libxl_list_domain(ctx, &count);
	bool found = !list;

	for (int i = 0; i < count && !found; i++)
		found = !libxl_uuid_compare(&list[i].uuid, uuid);
	if (list)
		libxl_dominfo_list_free(list, count);
	return found;
}

void journal_end(int fd, const libxl_domain_create_info *info, bool created)
{
	if (created || !may_be_left(&info->uuid))
		take_note_away(fd, &info->uuid);
	else
		close(fd);
}

int journal_destroy(uint32_t domid)
{
	struct note note = { .domid = domid };
	char *name = libxl_domid_to_name(ctx, domid);
	libxl_dominfo info;
	int fd = -1, rc;

	libxl_dominfo_init(&info);
	if (name && domid && !libxl_domain_info(ctx, &info, domid)) {
		libxl_uuid_copy(ctx, &note.uuid, &info.uuid);
		snprintf(note.name, sizeof(note.name), "%s", name);
		fd = leave_note(&note);	/* it is no condition */
	}
	libxl_dominfo_dispose(&info);
	free(name);
	rc = libxl_domain_destroy(ctx, domid, NULL);
	if (fd >= 0)
		take_note_away(fd, &note.uuid);
	return rc;
}

/* Signals. What undoes a killed creation undoes an interrupted one: a fresh image of us does it, from anywhere. */

static const int ending[] = { SIGHUP, SIGINT, SIGTERM };
static volatile pid_t owner;

static void interrupted(int signal)
{
	static char xl[] = "xl", recover[] = "recover", option[] = "-i";
	char *const argv[] = { xl, recover, option, NULL };

	if (getpid() == owner)
		execv("/proc/self/exe", argv);
	_exit(128 + signal); /* a child of ours that the terminal has told as well */
}

void interrupts_on(void)
{
	/* Not blocked meanwhile, for the image that follows inherits what is. */
	struct sigaction action = { .sa_handler = interrupted, .sa_flags = SA_NODEFER };

	owner = getpid();
	for (size_t i = 0; i < sizeof(ending) / sizeof(ending[0]); i++)
		sigaction(ending[i], &action, NULL);
}

void interrupts_off(void)
{
	for (size_t i = 0; i < sizeof(ending) / sizeof(ending[0]); i++)
		signal(ending[i], SIG_DFL);
}
