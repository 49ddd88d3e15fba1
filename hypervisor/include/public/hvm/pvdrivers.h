/* SPDX-License-Identifier: MIT */
/*
 * Numbers of PV driver products for the unplug protocol.
 */
#ifndef _XEN_PUBLIC_PVDRIVERS_H_
#define _XEN_PUBLIC_PVDRIVERS_H_
#define PVDRIVERS_PRODUCT_LIST(EACH)                                                               \
	EACH("xensource-windows", 0x0001)                                                          \
	EACH("gplpv-windows", 0x0002)                                                              \
	EACH("linux", 0x0003)                                                                      \
	EACH("xenserver-windows-v7.0+", 0x0004)                                                    \
	EACH("xenserver-windows-v7.2+", 0x0005)                                                    \
	EACH("experimental", 0xffff)
#endif
