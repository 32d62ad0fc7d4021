/* SPDX-License-Identifier: Apache-2.0 */
/* settle.c: see settle.h. */
#include "model/settle.h"

#include <string.h>

/* In that the version stays as it was known, and its line is parsed again next time. */
static void hold_back(struct index_look *look, const struct transition *transition)
{
	if (!transition->after)
		return;
	struct index_version *version = &look->changed.items[transition->after - look->changed.items];
	if (transition->kind == EVENT_METADATA_CHANGED)
		memcpy(version->facets, transition->before->facets, sizeof version->facets);
	else
		version->yanked = transition->before->yanked;
	memset(version->fingerprint, 0, sizeof version->fingerprint);
}

/* An incident's absences must stand for a day: by then they are what the registry wants. */
static struct belief_confirm confirm_in(const struct sighting *sighting)
{
	struct belief_confirm confirm = sighting->confirm;

	if (sighting->incident && confirm.deleted_ms < BELIEF_STALE_MS)
		confirm.deleted_ms = BELIEF_STALE_MS;
	return confirm;
}

uint32_t settle(const struct sighting *sighting, struct index_look *look, struct transitions *transitions)
{
	const struct belief_confirm confirm = confirm_in(sighting);
	size_t kept = 0;
	uint32_t waits = 0;

	for (size_t i = 0; i < transitions->count; i++) {
		struct transition *transition = &transitions->items[i];
		if (transition->kind == EVENT_CHECKSUM_CHANGED && sighting->was_away)
			transition->kind = EVENT_PUBLISHED; /* it was not there all the time */
		if (sighting->belief == BELIEF_GUARDED && belief_waits(transition->kind, sighting->age_ms, &confirm)) {
			hold_back(look, transition);
			waits |= 1u << transition->kind;
		} else {
			transitions->items[kept++] = *transition;
		}
	}
	transitions->count = kept;
	return waits;
}
