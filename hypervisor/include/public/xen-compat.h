/* SPDX-License-Identifier: MIT */
/*
 * Which revision of the interface a program asks for.
 * The hypervisor and the tools always speak the latest one. Anybody else may define
 * __XEN_INTERFACE_VERSION__ before the first include and gets the spellings of that time; without
 * it, the oldest.
 */
#ifndef __XEN_PUBLIC_XEN_COMPAT_H__
#define __XEN_PUBLIC_XEN_COMPAT_H__

/* Major, minor, update: 0xMMMMmmuu. This is 4.14's number, which 4.17 still reports. */
#define __XEN_LATEST_INTERFACE_VERSION__ 0x00040e00
#if defined(__XEN__) || defined(__XEN_TOOLS__)
#define __XEN_INTERFACE_VERSION__ __XEN_LATEST_INTERFACE_VERSION__
#elif !defined(__XEN_INTERFACE_VERSION__)
#define __XEN_INTERFACE_VERSION__ 0x00000000
#endif
#if __XEN_INTERFACE_VERSION__ > __XEN_LATEST_INTERFACE_VERSION__
#error "These header files do not support the requested interface version."
#endif

/* Older spelling of XEN_FLEX_ARRAY_DIM, which the I/O headers use. */
#define COMPAT_FLEX_ARRAY_DIM XEN_FLEX_ARRAY_DIM
#endif
