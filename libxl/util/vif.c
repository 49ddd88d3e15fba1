// SPDX-License-Identifier: LGPL-2.1-only
/* Interface rates: BYTES[GMK](B|b)/s[@INTERVAL(ms|us|s)], as the credit of one interval. */
#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cfg.h"

#define DEFAULT_INTERVAL_US 50000u
#define US_PER_SECOND	    1000000u

struct unit {
	const char *name;
	uint64_t factor;
};

/* Longest names first where one begins with another. */
static const struct unit rate_units[] = {
	{ "GB/s", 8000000000ull }, { "MB/s", 8000000 }, { "KB/s", 8000 }, { "B/s", 8 },
	{ "Gb/s", 1000000000 },	   { "Mb/s", 1000000 }, { "Kb/s", 1000 }, { "b/s", 1 },
};

static const struct unit time_units[] = {
	{ "ms", 1000 }, { "us", 1 }, { "s", US_PER_SECOND }, { "", US_PER_SECOND },
};

static int number(const char **text, uint64_t *value)
{
	char *end;

	if (**text < '0' || **text > '9')
		return EINVAL;
	errno = 0;
	*value = strtoull(*text, &end, 10);
	*text = end;
	return errno == ERANGE ? EOVERFLOW : 0;
}

static int take_unit(const char **text, const struct unit *units, size_t count, uint64_t *value)
{
	for (size_t i = 0; i < count; i++) {
		size_t n = strlen(units[i].name);

		if (strncmp(*text, units[i].name, n))
			continue;
		*text += n;
		return __builtin_mul_overflow(*value, units[i].factor, value) ? EOVERFLOW : 0;
	}
	return EINVAL;
}

static int parse(const char *text, uint64_t *bytes, uint32_t *interval)
{
	uint64_t bits, us = DEFAULT_INTERVAL_US;
	int rc = number(&text, &bits);

	if (!rc)
		rc = take_unit(&text, rate_units, sizeof(rate_units) / sizeof(rate_units[0]), &bits);
	if (!rc && *text == '@') {
		text++;
		rc = number(&text, &us);
		if (!rc)
			rc = take_unit(&text, time_units, sizeof(time_units) / sizeof(time_units[0]), &us);
	}
	if (rc || *text)
		return rc ? rc : EINVAL;
	/* The backend counts credit in 32 bits. */
	if (!us || us > UINT32_MAX || __builtin_mul_overflow(bits / 8, us, bytes))
		return EOVERFLOW;
	*bytes /= US_PER_SECOND;
	*interval = (uint32_t)us;
	return *bytes && *bytes <= UINT32_MAX ? 0 : EOVERFLOW;
}

int xlu_vif_parse_rate(XLU_Config *cfg, const char *rate, libxl_device_nic *nic)
{
	uint64_t bytes;
	uint32_t interval;
	int rc = parse(rate, &bytes, &interval);

	if (rc == EINVAL)
		xlu_report(cfg, "vif: rate `%s' is not understood; write for example 10Mb/s or 1MB/s@20ms",
			   rate);
	else if (rc)
		xlu_report(cfg, "vif: rate `%s' comes to nothing or to more than 4 GB in an interval", rate);
	if (rc)
		return rc;
	nic->rate_bytes_per_interval = bytes;
	nic->rate_interval_usecs = interval;
	return 0;
}
