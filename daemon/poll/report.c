/* SPDX-License-Identifier: Apache-2.0 */
/* report.c: how a registry is, told to the tracker when that is news. */
#include "base/clock.h"
#include "poll/parts.h"

void poller_report_health(struct registry *registry)
{
	struct poller *poller = registry->poller;
	struct health *health = &registry->health;
	int64_t now_ms = clock_mono_ms();

	health_look(health, registry->n_watches, now_ms);
	if (!health_wants_report(health, now_ms))
		return;
	health->report.at_ms = clock_wall_ms();
	health_reporting(health);
	if (!poller->sink.report(poller->sink.ctx, registry, registry->name, registry->index_url, &health->report))
		health_reported(health, false, now_ms);
}

void poller_reported(struct poller *poller, struct registry *registry, bool stored)
{
	health_reported(&registry->health, stored, clock_mono_ms());
	poller_pump(poller);
}

bool poller_is_reporting(const struct poller *poller)
{
	for (size_t i = 0; i < poller->n_registries; i++)
		if (poller->registries[i]->health.reporting)
			return true;
	return false;
}
