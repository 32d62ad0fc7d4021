/* SPDX-License-Identifier: Apache-2.0 */
/* outbox_now.c: see outbox_now.h. */
#include "track/outbox_now.h"

#include "base/clock.h"

struct outbox outbox_at(struct tracker *tracker, int64_t now_ms)
{
	const struct config *config = tracker_config(tracker);
	struct outbox outbox = {
		.db = tracker_db(tracker), .lineage = tracker_secrets(tracker)->lineage, .now_ms = now_ms};

	if (config) {
		outbox.retry = (struct retry_rules){
			.first_ms = config->retry.first_ms,
			.max_ms = config->retry.max_ms,
			.give_up_ms = config->retry.give_up_ms,
		};
		outbox.fallback = config->retry.fallback;
	}
	return outbox;
}

struct outbox outbox_now(struct tracker *tracker)
{
	struct outbox outbox = outbox_at(tracker, clock_wall_ms());

	outbox.lenient = vigil_is_young(tracker_vigil(tracker), outbox.now_ms, clock_mono_ms());
	return outbox;
}
