/* SPDX-License-Identifier: GPL-2.0-only */
/* Debug keys: single characters from the console or XEN_SYSCTL_debug_keys that print state. */
#ifndef HV_KEYHANDLER_H
#define HV_KEYHANDLER_H

#include <hv/types.h>

struct cpu_user_regs;

/* @fn runs in a tasklet, or straight in the interrupt when @irq (then it may look at the interrupted registers). */
typedef void keyhandler_fn(unsigned char key, struct cpu_user_regs *regs);
void register_keyhandler(unsigned char key, keyhandler_fn *fn, const char *what, bool irq);
/* From the console's interrupt. */
void keyhandler_press(unsigned char key, struct cpu_user_regs *regs);
/* From a hypercall: runs the handler here and now. */
void keyhandler_run(unsigned char key);
void keyhandler_init(void);

#endif
