/* SPDX-License-Identifier: Apache-2.0 */
/* belief.c: see belief.h. */
#include "model/belief.h"

enum belief belief_in(int64_t recorded, int64_t seen)
{
	if (recorded == 0 || seen == 0 || recorded == seen)
		return BELIEF_GUARDED;
	return seen < recorded ? BELIEF_STALE : BELIEF_WHOLE;
}

int64_t belief_clamp(int64_t last_modified, int64_t date, int64_t now)
{
	int64_t latest = date && date <= now + BELIEF_SKEW_S ? date : now;
	return last_modified > latest ? latest : last_modified;
}

bool belief_waits(enum event_kind kind, int64_t age_ms, const struct belief_confirm *confirm)
{
	switch (kind) {
	case EVENT_UNYANKED:
	case EVENT_METADATA_CHANGED:
		return age_ms < confirm->unyanked_ms;
	case EVENT_VERSION_DELETED:
	case EVENT_CRATE_DELETED:
		return age_ms < confirm->deleted_ms;
	case EVENT_PUBLISHED:
	case EVENT_YANKED:
	case EVENT_CRATE_CREATED:
	case EVENT_CHECKSUM_CHANGED:
	case EVENT_REGISTRY_BLIND:
	case EVENT_REGISTRY_BACK:
	case EVENT_REGISTRY_INCIDENT:
	case EVENT_FINDING_OPENED:
	case EVENT_FINDING_RESOLVED:
	case EVENT_REPLACEMENT_AVAILABLE:
	case EVENT_REASON_CHANGED:
	case EVENT_KINDS:
		break;
	}
	return false;
}
