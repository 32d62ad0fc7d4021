/* SPDX-License-Identifier: Apache-2.0 */
/*
 * registry_report.h: how a registry is as a whole, from the poller, which sees it,
 * to the tracker, which knows what was told of it before.
 */
#pragma once

#include "base/err.h"

/* After a start some things are not known until enough crates were polled. */
enum known { KNOWN_NOT, KNOWN_NO, KNOWN_YES };

struct registry_report {
	enum known blind;     /* nothing can be polled, for longer than blind_after */
	enum known incident;  /* many crates, or config.json, are gone at once */
	int64_t blind_ms;     /* wall clock; since when; of KNOWN_YES alone */
	struct err blind_why; /* and why */
	int64_t incident_ms;
	struct err incident_why;
	int64_t at_ms; /* wall clock of this report */
};
