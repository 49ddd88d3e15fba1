/* SPDX-License-Identifier: MIT */
/*
 * Records of HVM state, as domctl gethvmcontext returns and sethvmcontext takes them: each is a
 * descriptor and a body. DECLARE_HVM_SAVE_TYPE ties a name to its code and its body's type by a
 * helper struct, from whose members HVM_SAVE_CODE, _LENGTH and _TYPE read them back.
 */
#ifndef __XEN_PUBLIC_HVM_SAVE_H__
#define __XEN_PUBLIC_HVM_SAVE_H__

#if !defined(__GNUC__) || defined(__STRICT_ANSI__)
#error "Unnamed members and empty structs need the GNU dialect of C."
#endif

struct hvm_save_descriptor {
	uint16_t typecode; /* HVM_SAVE_CODE */
	uint16_t instance; /* vCPU or device */
	uint32_t length;   /* bytes that follow */
};

/* c holds as many bytes as the code says; cpt has a second one if an older layout is accepted. */
#define HVM_SAVE_CARRIER_(name, code, type, ncompat)                                               \
	struct __HVM_SAVE_TYPE_##name {                                                            \
		type t;                                                                            \
		char c[code];                                                                      \
		char cpt[1 + (ncompat)];                                                           \
	}

#ifdef __XEN__
/* The loader also needs the older type and a function that converts a record in place. */
#define HVM_SAVE_COMPAT_(name, ctype)                                                              \
	struct __HVM_SAVE_TYPE_COMPAT_##name {                                                     \
		ctype t;                                                                           \
	}
#define DECLARE_HVM_SAVE_TYPE_COMPAT(name, code, type, ctype, fix)                                 \
	static inline int __HVM_SAVE_FIX_COMPAT_##name(void *h, uint32_t size)                     \
	{                                                                                          \
		return fix(h, size);                                                               \
	}                                                                                          \
	HVM_SAVE_CARRIER_(name, code, type, 1);                                                    \
	HVM_SAVE_COMPAT_(name, ctype)
#define DECLARE_HVM_SAVE_TYPE(name, code, type)                                                    \
	static inline int __HVM_SAVE_FIX_COMPAT_##name(void *h, uint32_t size)                     \
	{                                                                                          \
		(void)h;                                                                           \
		(void)size;                                                                        \
		return -1; /* only asked for names with an older layout */                         \
	}                                                                                          \
	HVM_SAVE_CARRIER_(name, code, type, 0);                                                    \
	HVM_SAVE_COMPAT_(name, type)
#define HVM_SAVE_TYPE_COMPAT(name)          __typeof__(((struct __HVM_SAVE_TYPE_COMPAT_##name *)0)->t)
#define HVM_SAVE_LENGTH_COMPAT(name)        (sizeof(HVM_SAVE_TYPE_COMPAT(name)))
#define HVM_SAVE_HAS_COMPAT(name)           (sizeof(((struct __HVM_SAVE_TYPE_##name *)0)->cpt) - 1)
#define HVM_SAVE_FIX_COMPAT(name, dst, len) __HVM_SAVE_FIX_COMPAT_##name(dst, len)
#else
#define DECLARE_HVM_SAVE_TYPE_COMPAT(name, code, type, ctype, fix)                                 \
	HVM_SAVE_CARRIER_(name, code, type, 1)
#define DECLARE_HVM_SAVE_TYPE(name, code, type) HVM_SAVE_CARRIER_(name, code, type, 0)
#endif

#define HVM_SAVE_TYPE(name)   __typeof__(((struct __HVM_SAVE_TYPE_##name *)0)->t)
#define HVM_SAVE_LENGTH(name) (sizeof(HVM_SAVE_TYPE(name)))
#define HVM_SAVE_CODE(name)   (sizeof(((struct __HVM_SAVE_TYPE_##name *)0)->c))

/* Last record of all: no body. The first one is an architecture's header. */
struct hvm_save_end {
};
DECLARE_HVM_SAVE_TYPE(END, 0, struct hvm_save_end);

#if defined(__i386__) || defined(__x86_64__)
#include "../arch-x86/hvm/save.h"
#else
#error "no HVM records for this architecture"
#endif

#endif
