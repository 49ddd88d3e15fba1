// SPDX-License-Identifier: GPL-2.0-only
#include "logfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../xenstored/daemon/log.h"

static void write_all(struct logfile *lf, const char *p, size_t len)
{
	while (len && lf->fd >= 0) {
		ssize_t n = write(lf->fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			log_line("a log cannot be written (%s): closed", strerror(errno));
			logfile_close(lf);
			return;
		}
		p += n;
		len -= (size_t)n;
		lf->place.size += (size_t)n;
	}
}

static size_t stamp(char *buf, size_t size)
{
	time_t now = time(NULL);
	struct tm tm;

	localtime_r(&now, &tm);
	return strftime(buf, size, "[%Y-%m-%d %H:%M:%S] ", &tm);
}

static bool go_on(struct logfile *lf, const struct log_place *at)
{
	if (!at || at->ino != lf->place.ino || at->size > lf->place.size)
		return false;
	if (at->size < lf->place.size && ftruncate(lf->fd, (off_t)at->size)) {
		log_line("the end of a log cannot be taken away, and may come twice: %s", strerror(errno));
		return false;
	}
	lf->place = *at;
	return true;
}

static void write_opened(struct logfile *lf)
{
	char line[64];
	size_t n = stamp(line, sizeof(line));

	n += (size_t)snprintf(line + n, sizeof(line) - n, "Logfile Opened\n");
	write_all(lf, line, n);
}

void logfile_open(struct logfile *lf, const char *dir, const char *name, bool stamps,
		  bool no_escapes, const struct log_place *at)
{
	char path[4096];
	struct stat st;

	lf->stamps = stamps;
	lf->no_escapes = no_escapes;
	mkdir(dir, 0755);
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	lf->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (lf->fd < 0 || fstat(lf->fd, &st)) {
		log_line("cannot open log %s: %s", path, strerror(errno));
		logfile_close(lf);
		return;
	}
	lf->place = (struct log_place){ .ino = st.st_ino, .size = (uint64_t)st.st_size };
	if (!go_on(lf, at) && stamps)
		write_opened(lf);
}

void logfile_close(struct logfile *lf)
{
	if (lf->fd >= 0)
		close(lf->fd);
	lf->fd = -1;
}

/* Escape characters would let a guest play with the terminal of whoever reads its log. */
static void write_text(struct logfile *lf, const char *data, size_t len)
{
	char piece[256];

	if (!lf->no_escapes) {
		write_all(lf, data, len);
		return;
	}
	while (len) {
		size_t n = len < sizeof(piece) ? len : sizeof(piece);

		for (size_t i = 0; i < n; i++)
			piece[i] = data[i] == '\033' ? '.' : data[i];
		write_all(lf, piece, n);
		data += n;
		len -= n;
	}
}

void logfile_write(struct logfile *lf, const char *data, size_t len)
{
	char when[32];

	if (lf->fd < 0)
		return;
	if (!lf->stamps) {
		write_text(lf, data, len);
		return;
	}
	while (len) {
		const char *end = memchr(data, '\n', len);
		size_t n = end ? (size_t)(end + 1 - data) : len;

		if (!lf->place.in_line)
			write_all(lf, when, stamp(when, sizeof(when)));
		write_text(lf, data, n);
		lf->place.in_line = !end;
		data += n;
		len -= n;
	}
}
