/* SPDX-License-Identifier: MIT */
/*
 * Old name.
 */
#include "arch-x86/xen.h"
