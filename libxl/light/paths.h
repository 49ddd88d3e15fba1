/* SPDX-License-Identifier: LGPL-2.1-only */
/* Where things are on the host. The build may override each. */
#ifndef XL_PATHS_H
#define XL_PATHS_H

#ifndef XEN_LOG_DIR
#define XEN_LOG_DIR "/var/log/xen"
#endif
#ifndef XEN_LIB_DIR
#define XEN_LIB_DIR "/var/lib/xen"
#endif
#ifndef XEN_RUN_DIR
#define XEN_RUN_DIR "/run/xen"
#endif
#ifndef XEN_SCRIPT_DIR
#define XEN_SCRIPT_DIR "/etc/xen/scripts"
#endif
#ifndef XEN_BIN_DIR
#define XEN_BIN_DIR "/usr/lib/xen-4.17/bin"
#endif
#ifndef XEN_QEMU
#define XEN_QEMU "/usr/libexec/xen-qemu-system-i386"
#endif

#endif
