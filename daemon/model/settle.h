/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settle.h: which transitions of a reply are told now, and which wait until they
 * are confirmed. Pure. What waits leaves no trace in what is stored of a version,
 * so the next look comes to it again.
 */
#pragma once

#include "model/belief.h"
#include "model/diff.h"

/* How the reply stands to what was seen before it. */
struct sighting {
	enum belief belief;
	int64_t age_ms;                /* since this very reply was first seen; 0 = now */
	bool was_away;                 /* the crate's file was absent in between, though nobody has been told */
	bool incident;                 /* the registry as a whole has lost crates */
	struct belief_confirm confirm; /* of the registry */
};

/* Leaves in `transitions` those that are told now; the kinds of those that wait: bits 1 << enum event_kind. */
MUST_CHECK uint32_t settle(const struct sighting *sighting, struct index_look *look, struct transitions *transitions);
