/* SPDX-License-Identifier: Apache-2.0 */
/*
 * budget.h: how many things may be done in a time, evenly: each takes its share,
 * and what was not spent lately is kept for a burst. Pure; the caller brings the
 * monotonic clock.
 */
#pragma once

#include "base/defs.h"

struct budget {
	int64_t each_us;  /* what one takes; 0 = as many as you like */
	int64_t burst_us; /* unspent time that is kept */
	int64_t spent_us; /* spent up to this time */
};

/* From when on the next one may be done, on the clock of `spent_us`, in milliseconds. */
int64_t budget_free_ms(const struct budget *budget);

void budget_spend(struct budget *budget, int64_t now_us);
