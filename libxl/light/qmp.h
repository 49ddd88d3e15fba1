/* SPDX-License-Identifier: LGPL-2.1-only */
/* Talking to a device model by its control socket: one question at a time. */
#ifndef XL_QMP_H
#define XL_QMP_H

#include "op.h"

enum qmp_socket { QMP_OURS, QMP_STATISTICS };
char *qmp_path(struct xl_gc *gc, enum qmp_socket which, uint32_t domid);

/* Steps of an operation: XL_WAIT or an error. */
int qmp_set_vnc_password(struct xl_op *op, uint32_t domid, const char *password);
/* Where the screen is reached, and by which password, goes to xenstore. */
int qmp_publish_vnc(struct xl_op *op, uint32_t domid, const char *password);

#endif
