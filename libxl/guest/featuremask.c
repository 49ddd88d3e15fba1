/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Masks of CPU features that do not depend on the host: which bits have a name, which are more than a feature, and what
 * release 4.17 gives to each kind of guest at most and by default. What this hypervisor gives is the featuresets of
 * xc_get_cpu_featureset().
 */
#include "guest_internal.h"

static const uint32_t masks[][FEATURE_WORDS] = {
	[XC_FEATUREMASK_SPECIAL] = {
		0x10000200, 0xc8200000, 0x00000000, 0x00000002, 0x00000000, 0x01002850, 0x00000010,
		0x00000000, 0x02000000, 0x20000c00, 0x00000000, 0x40000020, 0x00000000, 0x00000000,
		0x00000000, 0x00000000, 0x100a0004, 0x40000000, 0x00000000,
	},
	[XC_FEATUREMASK_PV_MAX] = {
		0x1fc9cbf5, 0xf6d83203, 0xea500800, 0x042109e3, 0x00000007, 0xfdaf0b39, 0x1a405f43,
		0x00000100, 0x64001005, 0xac01451c, 0x00001c30, 0x78000064, 0x00000000, 0x00000021,
		0x00000000, 0x00000000, 0x1d12e173, 0x40000000, 0x00000006,
	},
	[XC_FEATUREMASK_PV_DEF] = {
		0x1fc9cbf5, 0xf6d83203, 0xea500800, 0x042109e3, 0x00000007, 0xfdaf0b29, 0x02405f43,
		0x00000000, 0x64001005, 0xac00441c, 0x00001c30, 0x78000064, 0x00000000, 0x00000021,
		0x00000000, 0x00000000, 0x1d12e173, 0x40000000, 0x00000006,
	},
	[XC_FEATUREMASK_HVM_SHADOW_MAX] = {
		0x1fcbfbff, 0xf7f83203, 0xea500800, 0x042109f3, 0x0000000f, 0xfdbf4bbb, 0x1a405f47,
		0x00000100, 0x751fd005, 0xbc01451c, 0x00001c30, 0x78000064, 0x00000000, 0x00000037,
		0x00000000, 0x00000000, 0x1d12e173, 0x40000000, 0x00000006,
	},
	[XC_FEATUREMASK_HVM_SHADOW_DEF] = {
		0x1fcbfbff, 0xf7f83203, 0xea500800, 0x042109f3, 0x0000000f, 0xfdbf0bab, 0x02405f47,
		0x00000000, 0x751fd005, 0xbc00441c, 0x00001c30, 0x78000064, 0x00000000, 0x00000037,
		0x00000000, 0x00000000, 0x1d12e173, 0x40000000, 0x00000006,
	},
	[XC_FEATUREMASK_HVM_HAP_MAX] = {
		0x1fcbfbff, 0xf7fa3223, 0xee500800, 0x042109f7, 0x0000000f, 0xfdbf4fbb, 0x1a405f4f,
		0x00000100, 0x751fd005, 0xbc01451c, 0x00001c30, 0x78000064, 0x00000000, 0x00000037,
		0x00000000, 0x00000000, 0x1d12e173, 0x40000000, 0x00000006,
	},
	[XC_FEATUREMASK_HVM_HAP_DEF] = {
		0x1fcbfbff, 0xf7fa3203, 0xee500800, 0x042109f3, 0x0000000f, 0xfdbf0fab, 0x02405f4f,
		0x00000000, 0x751fd005, 0xbc00441c, 0x00001c30, 0x78000064, 0x00000000, 0x00000037,
		0x00000000, 0x00000000, 0x1d12e173, 0x40000000, 0x00000006,
	},
};

static const uint32_t *known(void)
{
	static uint32_t built[FEATURE_WORDS];
	static const uint16_t bits[] = {
#define XEN_CPUFEATURE(name, value) value,
#include <xen/arch-x86/cpufeatureset.h>
	};

	for (size_t i = 0; i < ARRAY_SIZE(bits); i++)
		if (bits[i] / 32 < FEATURE_WORDS)
			built[bits[i] / 32] |= 1U << (bits[i] % 32);
	return built;
}

const uint32_t *xc_get_static_cpu_featuremask(enum xc_static_cpu_featuremask mask)
{
	if (mask == XC_FEATUREMASK_KNOWN)
		return known();
	return mask < ARRAY_SIZE(masks) ? masks[mask] : NULL;
}
