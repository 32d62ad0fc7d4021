/* SPDX-License-Identifier: Apache-2.0 */
/* incident.c: see incident.h. */
#include "model/incident.h"

/* Are `missing` of the crates a registry's worth? */
static bool is_much(const struct incident_signs *signs, size_t missing)
{
	size_t present = signs->present + signs->told;
	size_t looks = signs->looks < INCIDENT_SAMPLE ? INCIDENT_SAMPLE : signs->looks;
	size_t looked_at = looks < present ? looks : present;

	if (present < INCIDENT_SMALL_MIN)
		return false;
	if (present < INCIDENT_MISSING_MIN)
		return missing >= present;
	return missing >= INCIDENT_MISSING_MIN && missing * 4 >= looked_at;
}

bool incident_begins(const struct incident_signs *signs)
{
	return signs->config_gone >= INCIDENT_CONFIG_GONE || is_much(signs, signs->missing + signs->told);
}

bool incident_goes_on(const struct incident_signs *signs)
{
	return signs->config_gone > 0 || is_much(signs, (signs->missing + signs->told) * 2);
}
