/* SPDX-License-Identifier: Apache-2.0 */
/*
 * impact_picks.h: which versions cargo would take for the demands on one package that is resolved afresh while all
 * else stays locked (`cargo update -p NAME@VERSION`). Rules: impact.h, docs/decisions/013-impact.md. For impact.c
 * alone.
 */
#pragma once

#include "model/impact.h"

/*
 * Fills the `pick` of each demand (at most IMPACT_PICKS_MAX). Where they cannot all have one together, those that none
 * fits have none, and the others what they could have without them. ERR_NOMEM.
 */
MUST_CHECK int impact_pick(const struct impact_question *question, struct impact_demand *demands, size_t n,
			   struct err *err);
