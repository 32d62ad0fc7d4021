/* SPDX-License-Identifier: Apache-2.0 */
/* retry.c: see retry.h. */
#include "model/retry.h"

#include "model/pace.h"

static int64_t pause_ms(const struct delivery_result *result, unsigned failures, const struct retry_rules *rules,
			uint32_t random)
{
	if (result->retry_after_ms > 0)
		return pace_clamp_ms(result->retry_after_ms, rules->first_ms, RETRY_AFTER_MAX_MS);
	return pace_backoff_ms(failures, rules->first_ms, rules->max_ms, random);
}

static struct delivery_next accepted(const struct delivery_result *result)
{
	bool again = result->again_after_ms > 0;

	return (struct delivery_next){
		.state = NOTIFICATION_DELIVERED,
		.again = again,
		.pause_ms = again ? pace_clamp_ms(result->again_after_ms, AGAIN_MIN_MS, AGAIN_MAX_MS) : 0,
	};
}

struct delivery_next delivery_next(const struct delivery_result *result, const struct delivery_past *past,
				   const struct retry_rules *rules, uint32_t random)
{
	struct delivery_next next = {.state = NOTIFICATION_DUE, .failures = past->failures + 1};

	if (result->outcome == FRAME_OK)
		return accepted(result);
	if (past->again) {
		next.state = NOTIFICATION_DELIVERED;
		next.again = result->outcome != FRAME_REJECT;
	} else if (result->outcome == FRAME_REJECT || past->kind == NOTIFICATION_TEST ||
		   past->age_ms >= rules->give_up_ms) {
		next.state = NOTIFICATION_DEAD;
	}
	if (next.again || next.state == NOTIFICATION_DUE)
		next.pause_ms = pause_ms(result, next.failures, rules, random);
	return next;
}
