// SPDX-License-Identifier: GPL-2.0-only
/* The table on a terminal, with keys. */
#include <curses.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "xentop.h"

#define SUMMARY_ROWS 3

struct view {
	size_t sort;
	unsigned int first;  /* domain at the top of the screen */
	bool ask_delay;	     /* the prompt is open */
	char typed[16];
	struct top_options *o;
};

static void summary(const struct sample *s)
{
	unsigned int count = xenstat_node_num_domains(s->now), running = 0, blocked = 0, paused = 0, crashed = 0,
		     dying = 0, shutdown = 0;
	time_t now = time(NULL);
	struct tm local;
	char clock[16];

	localtime_r(&now, &local);
	strftime(clock, sizeof(clock), "%H:%M:%S", &local);
	for (unsigned int i = 0; i < count; i++) {
		xenstat_domain *d = xenstat_node_domain_by_index(s->now, i);

		running += !!xenstat_domain_running(d);
		blocked += !!xenstat_domain_blocked(d);
		paused += !!xenstat_domain_paused(d);
		shutdown += !!xenstat_domain_shutdown(d);
		crashed += !!xenstat_domain_crashed(d);
		dying += !!xenstat_domain_dying(d);
	}
	mvprintw(0, 0, "xentop - %s   Xen %s", clock, xenstat_node_xen_version(s->now));
	mvprintw(1, 0, "%u domains: %u running, %u blocked, %u paused, %u crashed, %u dying, %u shutdown", count,
		 running, blocked, paused, crashed, dying, shutdown);
	mvprintw(2, 0, "Mem: %lluk total, %lluk used, %lluk free    CPUs: %u @ %lluMHz",
		 xenstat_node_tot_mem(s->now) / 1024,
		 (xenstat_node_tot_mem(s->now) - xenstat_node_free_mem(s->now)) / 1024,
		 xenstat_node_free_mem(s->now) / 1024, xenstat_node_num_cpus(s->now),
		 xenstat_node_cpu_hz(s->now) / 1000000);
}

/* Prints lines from row on, cut at the screen's width; returns the next row. */
static int put_lines(int row, const char *text)
{
	while (text && *text && row < LINES - 1) {
		const char *end = strchrnul(text, '\n');
		int length = (int)(end - text);

		mvaddnstr(row++, 0, text, length < COLS ? length : COLS);
		text = *end ? end + 1 : end;
	}
	return row;
}

static int put_header(int row, const struct view *v)
{
	int at = 0;

	attron(A_REVERSE);
	for (size_t i = 0; i < column_count && at < COLS; i++) {
		if (i == v->sort)
			attron(A_BOLD);
		mvprintw(row, at, "%s%*s", i ? " " : "", columns[i].width, columns[i].title);
		if (i == v->sort)
			attroff(A_BOLD);
		at += columns[i].width + (i ? 1 : 0);
	}
	attroff(A_REVERSE);
	return row + 1;
}

static void bottom(const struct view *v)
{
	move(LINES - 1, 0);
	clrtoeol();
	if (v->ask_delay) {
		printw("Delay(sec): %s", v->typed);
		return;
	}
	attron(A_REVERSE);
	addnstr(" D delay  N networks  B disks  V vCPUs  R repeat header  S sort  arrows scroll  Q quit ", COLS - 1);
	attroff(A_REVERSE);
}

static void draw(const struct sample *s, struct view *v)
{
	unsigned int count;
	xenstat_domain **list = sorted_domains(s, v->sort, &count);
	int row = SUMMARY_ROWS;

	if (v->first >= count)
		v->first = count ? count - 1 : 0;
	erase();
	summary(s);
	for (unsigned int i = v->first; list && i < count && row < LINES - 1; i++) {
		char *line = domain_line(s, list[i], v->o->full_name), *details = detail_lines(list[i], v->o);

		if (i == v->first || v->o->repeat_header)
			row = put_header(row, v);
		row = put_lines(row, line);
		row = put_lines(row, details);
		free(line);
		free(details);
	}
	bottom(v);
	refresh();
	free(list);
}

static void type_delay(struct view *v, int key)
{
	size_t n = strlen(v->typed);
	double delay;

	if (key == '\n' || key == KEY_ENTER || key == 27) {
		delay = strtod(v->typed, NULL);
		if (key != 27 && delay > 0 && delay <= 1000)
			v->o->delay = delay;
		v->ask_delay = false;
	} else if ((key == KEY_BACKSPACE || key == 127 || key == 8) && n) {
		v->typed[n - 1] = 0;
	} else if (((key >= '0' && key <= '9') || key == '.') && n + 1 < sizeof(v->typed)) {
		v->typed[n] = (char)key;
		v->typed[n + 1] = 0;
	}
}

static void next_sort(struct view *v)
{
	do
		v->sort = (v->sort + 1) % column_count;
	while (!columns[v->sort].key && v->sort != COLUMN_NAME);
}

/* False: leave. */
static bool handle_key(struct view *v, int key)
{
	if (v->ask_delay) {
		type_delay(v, key);
		return true;
	}
	switch (key) {
	case 'q':
	case 'Q':
		return false;
	case 'n':
	case 'N':
		v->o->networks = !v->o->networks;
		break;
	case 'b':
	case 'B':
		v->o->vbds = !v->o->vbds;
		break;
	case 'v':
	case 'V':
		v->o->vcpus = !v->o->vcpus;
		break;
	case 'r':
	case 'R':
		v->o->repeat_header = !v->o->repeat_header;
		break;
	case 's':
	case 'S':
		next_sort(v);
		break;
	case 'd':
	case 'D':
		v->ask_delay = true;
		v->typed[0] = 0;
		break;
	case KEY_DOWN:
		v->first++;
		break;
	case KEY_UP:
		v->first -= v->first ? 1 : 0;
		break;
	case KEY_HOME:
		v->first = 0;
		break;
	}
	return true;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Readable without a key in it: the terminal is gone, and nobody can press q any more. */
static bool input_ended(void)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };

	int key;

	if (poll(&p, 1, 0) != 1)
		return false;
	timeout(0);
	key = getch();
	if (key == ERR)
		return true;
	ungetch(key);
	return false;
}

/* Handles keys until the next look is due. False: leave. */
static bool wait_with_keys(const struct sample *s, struct view *v)
{
	double start = now(), left;

	while ((left = start + v->o->delay - now()) > 0) {
		int key;

		timeout((int)(left * 1000) + 1);
		key = getch();
		if (interrupted || (key == ERR && input_ended()))
			return false;
		if (key == ERR)
			continue;
		if (!handle_key(v, key))
			return false;
		draw(s, v);
	}
	return true;
}

int run_screen(xenstat_handle *handle, struct top_options *o)
{
	struct view v = { .o = o, .sort = COLUMN_NAME };
	struct sample s = { 0 };
	bool ok = true;

	if (!initscr()) {
		fprintf(stderr, "xentop: this terminal cannot be used; see xentop -b\n");
		return 1;
	}
	noecho();
	cbreak();
	keypad(stdscr, TRUE);
	curs_set(0);
	for (long i = 0; !o->iterations || i < o->iterations; i++) {
		ok = take_sample(handle, &s);
		if (!ok)
			break;
		draw(&s, &v);
		if (!wait_with_keys(&s, &v))
			break;
	}
	endwin();
	if (!ok)
		fprintf(stderr, "xentop: the host's figures could not be read\n");
	if (s.before)
		xenstat_free_node(s.before);
	if (s.now)
		xenstat_free_node(s.now);
	return !ok;
}
