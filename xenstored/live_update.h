/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A new image of the daemon takes over from this one, while domains and programs stay connected.
 *
 * The process stays the same: it writes its state into a file of its directory, and executes the new image, which
 * finds all descriptors open. There is no way back from an execve() that succeeded. So before, a child executes the
 * new image on the same file and with the same descriptors, just to say whether it can take all that over; what it
 * cannot do is nothing to this image, which goes on then as if nobody had asked. A child that took over itself would
 * be no child of systemd's, have none of our locks, and leave us to decide whether it is well.
 */
#ifndef XENSTORED_LIVE_UPDATE_H
#define XENSTORED_LIVE_UPDATE_H

#include <stdbool.h>

struct options;
struct store;

/* Before all else: what this image was started with. */
void live_update_init(char **argv);
/* XS_CONTROL "live-update": an errno or CONTROL_LATER, and an answer other than "OK". */
int live_update_command(const char *const *arg, unsigned int args, const char **text);
/* At the end of a round: does what was asked for. Returns only if that failed, or there is nothing. */
void live_update_run(void);

/* In the new image: takes over. False: said. */
bool live_update_take_over(struct store *s, const struct options *o);
/* To whoever waits for the end of one. */
void live_update_answer(const char *text);
/* After a death: to whoever waits for the end of one, or goes on with one. */
void live_update_recovered(void);

#endif
