/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMON_BOOT_ID_H
#define DAEMON_BOOT_ID_H

#define BOOT_ID_SIZE 40u

/* Names this start of the machine, whose domains have nothing to do with those of another one; zeros if there is none. */
void boot_id(char id[BOOT_ID_SIZE]);

#endif
