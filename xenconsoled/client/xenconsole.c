// SPDX-License-Identifier: GPL-2.0-only
/* xenconsole: connects this terminal with the console of a domain. Ctrl-] ends it. */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <xenctrl.h>
#include <xenstore.h>

#define ESCAPE	  0x1d
#define LOCK_BASE "/var/lock/xenconsole."
/* How long to wait for a console's terminal to be made. */
#define WAIT_MS 5000

enum type {
	TYPE_PV,
	TYPE_SERIAL,
	TYPE_VUART,
};

static const char *const type_names[] = { "pv", "serial", "vuart" };

struct args {
	int domid;
	unsigned int num;
	bool type_given;
	enum type type;
	int notify_fd;
	bool interactive;
};

static struct termios saved;
static bool raw;
static char lock_path[64];
static volatile sig_atomic_t stop;

static void usage(const char *name)
{
	printf("Usage: %s [OPTION] DOMID\n"
	       "Attaches to a virtual domain console\n"
	       "\n"
	       "  -h, --help       display this help and exit\n"
	       "  -n, --num N      use console number N\n"
	       "  --type TYPE      console type. must be 'pv', 'serial' or 'vuart'\n"
	       "  --start-notify-fd N file descriptor used to notify parent\n",
	       name);
}

static void bad(const char *name, const char *what)
{
	fprintf(stderr, "%s\nTry `%s --help' for more information.\n", what, name);
	exit(EINVAL);
}

static enum type parse_type(const char *arg)
{
	for (int i = 0; i < 3; i++)
		if (!strcmp(arg, type_names[i]))
			return (enum type)i;
	fprintf(stderr, "Invalid type argument\nConsole types supported are: serial, pv, vuart\n");
	exit(EINVAL);
}

static void parse_args(struct args *a, int argc, char **argv)
{
	static const struct option options[] = {
		{ "num", required_argument, NULL, 'n' },
		{ "type", required_argument, NULL, 't' },
		{ "start-notify-fd", required_argument, NULL, 's' },
		{ "interactive", no_argument, NULL, 'i' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 }
	};
	char *end;
	int opt;

	*a = (struct args){ .notify_fd = -1 };
	while ((opt = getopt_long(argc, argv, "hn:", options, NULL)) != -1) {
		switch (opt) {
		case 'h':
			usage(argv[0]);
			exit(0);
		case 'n':
			a->num = (unsigned int)strtoul(optarg, NULL, 10);
			break;
		case 't':
			a->type = parse_type(optarg);
			a->type_given = true;
			break;
		case 's':
			a->notify_fd = (int)strtol(optarg, NULL, 10);
			break;
		case 'i':
			a->interactive = true;
			break;
		default:
			bad(argv[0], "Invalid argument");
		}
	}
	if (optind >= argc)
		bad(argv[0], "DOMID should be specified");
	a->domid = (int)strtol(argv[optind], &end, 10);
	if (*end || end == argv[optind] || a->domid < 0) {
		fprintf(stderr, "Invalid DOMID `%s'\n", argv[optind]);
		bad(argv[0], "DOMID should be specified");
	}
	if (!a->domid)
		errx(EINVAL, "Can't specify Domain-0");
}

static void on_signal(int sig)
{
	stop = 1;
}

static void tidy(void)
{
	if (raw)
		tcsetattr(STDIN_FILENO, TCSANOW, &saved);
	if (lock_path[0])
		unlink(lock_path);
}

/* Two at one console would each get half of it. The file may vanish while we wait for its lock. */
static void lock_console(const struct args *a)
{
	struct stat here, there;
	int fd;

	snprintf(lock_path, sizeof(lock_path), LOCK_BASE "%d", a->domid);
	for (;;) {
		fd = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
		if (fd < 0) {
			warn("Could not open %s", lock_path);
			lock_path[0] = 0;
			exit(1);
		}
		if (flock(fd, LOCK_EX | LOCK_NB)) {
			warn("Could not lock %s", lock_path);
			lock_path[0] = 0;
			exit(1);
		}
		if (!fstat(fd, &here) && !stat(lock_path, &there) && here.st_ino == there.st_ino)
			return;
		close(fd);
	}
}

/* An HVM domain's first console is its emulated serial port. */
static enum type default_type(int domid)
{
	xc_interface *xch = xc_interface_open(NULL, NULL, 0);
	xc_domaininfo_t info;

	if (!xch)
		err(errno, "Could not open xc interface");
	if (xc_domain_getinfolist(xch, (uint32_t)domid, 1, &info) != 1 || info.domain != domid) {
		fprintf(stderr, "Failed to get domain information\n");
		exit(EINVAL);
	}
	xc_interface_close(xch);
	return info.flags & XEN_DOMINF_hvm_guest ? TYPE_SERIAL : TYPE_PV;
}

static char *tty_node(struct xs_handle *xs, const struct args *a)
{
	char *dom = xs_get_domain_path(xs, (unsigned int)a->domid), *path;
	int n;

	if (!dom)
		err(errno, "xs_get_domain_path()");
	if (a->type == TYPE_SERIAL)
		n = asprintf(&path, "%s/serial/%u/tty", dom, a->num);
	else if (a->type == TYPE_VUART)
		n = asprintf(&path, "%s/vuart/0/tty", dom);
	else if (!a->num)
		n = asprintf(&path, "%s/console/tty", dom);
	else
		n = asprintf(&path, "%s/device/console/%u/tty", dom, a->num);
	if (n < 0)
		err(ENOMEM, "malloc");
	free(dom);
	return path;
}

static int open_tty(struct xs_handle *xs, const char *node)
{
	char *name = xs_read(xs, XBT_NULL, node, NULL);
	int fd = -1;

	if (name && name[0])
		fd = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	free(name);
	return fd;
}

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The daemon may still be about to make it: its node is watched. */
static int wait_for_tty(struct xs_handle *xs, const char *node)
{
	struct pollfd p = { .fd = xs_fileno(xs), .events = POLLIN };
	long end = now_ms() + WAIT_MS;
	int fd;

	if (!xs_watch(xs, node, ""))
		err(errno, "Can't set watch for console pty");
	while ((fd = open_tty(xs, node)) < 0) {
		long left = end - now_ms();
		char **event;

		if (left <= 0)
			break;
		poll(&p, 1, (int)left);
		while ((event = xs_check_watch(xs)))
			free(event);
	}
	xs_unwatch(xs, node, "");
	return fd;
}

static void make_raw(int fd, struct termios *old)
{
	struct termios t;

	if (tcgetattr(fd, &t))
		return;
	if (old) {
		*old = t;
		raw = true;
	}
	cfmakeraw(&t);
	tcsetattr(fd, TCSANOW, &t);
}

static bool write_all(int fd, const char *p, ssize_t len)
{
	while (len) {
		ssize_t n = write(fd, p, (size_t)len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		len -= n;
	}
	return true;
}

/* Until the guest's end is closed, or the escape key is hit. */
static void relay(int tty)
{
	struct pollfd p[2] = { { .fd = tty, .events = POLLIN },
			       { .fd = STDIN_FILENO, .events = POLLIN } };
	char buf[4096];

	while (!stop) {
		ssize_t n;

		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return;
		if (stop)
			return;
		if (p[1].revents & (POLLIN | POLLHUP | POLLERR)) {
			char *esc;

			n = read(STDIN_FILENO, buf, 60);
			if (n <= 0)
				p[1].fd = -1; /* no more input: go on showing output */
			esc = n > 0 ? memchr(buf, ESCAPE, (size_t)n) : NULL;
			if (n > 0 && !write_all(tty, buf, esc ? esc - buf : n))
				warn("write() failed");
			if (esc)
				return;
		}
		if (p[0].revents & (POLLIN | POLLHUP | POLLERR)) {
			n = read(tty, buf, sizeof(buf));
			if (n <= 0 && errno != EINTR)
				return;
			if (n > 0 && !write_all(STDOUT_FILENO, buf, n))
				return;
		}
	}
}

int main(int argc, char **argv)
{
	struct xs_handle *xs;
	struct args a;
	char *node;
	int tty;

	parse_args(&a, argc, argv);
	xs = xs_open(0);
	if (!xs)
		err(errno, "Could not contact XenStore");
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	if (!a.type_given)
		a.type = default_type(a.domid);
	node = tty_node(xs, &a);
	atexit(tidy);
	if (a.type == TYPE_PV && !a.num)
		lock_console(&a);
	tty = wait_for_tty(xs, node);
	if (tty < 0)
		errx(ENOENT, "Could not read tty from store: is xenconsoled running? (%s)", node);
	make_raw(tty, NULL);
	if (isatty(STDIN_FILENO))
		make_raw(STDIN_FILENO, &saved);
	if (a.notify_fd >= 0) {
		static const char msg[] = "1";

		if (write(a.notify_fd, msg, sizeof(msg)) != sizeof(msg))
			warn("Could not notify parent with fd %d", a.notify_fd);
		close(a.notify_fd);
	}
	xs_close(xs);
	relay(tty);
	free(node);
	return 0;
}
