/* SPDX-License-Identifier: Apache-2.0 */
/*
 * incident.h: have some crates been deleted, or has the registry lost its index?
 * Pure. A registry that answers 404 for much of what it had, or for its
 * config.json, is broken as a whole: one alarm, not a thousand deletions.
 * Source: docs/EVENTS.md.
 */
#pragma once

#include "base/defs.h"

#define INCIDENT_MISSING_MIN 20 /* absent crates at least, and a quarter of those looked at */
#define INCIDENT_SAMPLE 1000    /* crates; of fewer looks a quarter says nothing: neighbours are deleted together */
#define INCIDENT_SMALL_MIN 3    /* below INCIDENT_MISSING_MIN crates all must be absent, of so many at least */
#define INCIDENT_CONFIG_GONE 2  /* config.json absent so many times in a row */

/* One registry's crates. A crate is missing when it was present and its last look found nothing. */
struct incident_signs {
	size_t present;       /* crates that the registry had, missing ones included */
	size_t missing;       /* of these */
	size_t told;          /* more that were missing in this sweep or the last, and are told as deleted */
	size_t looks;         /* polls since the first of them went missing */
	unsigned config_gone; /* times in a row that config.json was absent */
};

bool incident_begins(const struct incident_signs *signs);

/* One that has begun goes on until half of what began it is back. */
bool incident_goes_on(const struct incident_signs *signs);
