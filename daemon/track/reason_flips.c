/* SPDX-License-Identifier: Apache-2.0 */
/* reason_flips.c: what the audit trail alone shows. See reasons.h and model/trail.h. */
#include "store/reason_trail.h"
#include "store/versions.h"
#include "track/reasons.h"
#include "track/recording.h"

static int record_flip(const struct reason_look *look, struct recording *recording, const char *version,
		       const struct reason_action *flip, const unsigned char *checksum, struct err *err)
{
	const struct reason_said said = {.by = flip->by, .at_ms = flip->at_ms};
	enum event_kind kind = flip->act == REASON_YANK ? EVENT_YANKED : EVENT_UNYANKED;
	struct event event = {
		.at_ms = flip->at_ms,
		.observed_at_ms = look->now_ms,
		.registry = look->place->registry,
		.index_url = look->place->index_url,
		.crate = look->place->name,
		.version = version,
		.kind = kind,
		.severity = severity_least(kind),
		.checksum = checksum,
		.yanked = kind == EVENT_YANKED,
		.reason = &said,
		.api = look->api,
		.source = EVENT_OF_AUDIT_TRAIL,
	};
	return recording_add_late(recording, &event, err);
}

static int record_flips(const struct reason_look *look, const char *version, const struct trail_flip *flips, size_t n,
			struct err *err)
{
	struct version_found found;
	struct recording recording;

	int rc = versions_find(tracker_db(look->tracker), look->place->crate, version, &found, err);
	if (!rc)
		rc = recording_begin(&recording, look->tracker, look->place->crate, err);
	for (size_t i = 0; i < n && !rc && flips[i].action->at_ms <= look->now_ms; i++)
		rc = record_flip(look, &recording, version, flips[i].action, found.there ? found.checksum : NULL, err);
	return rc;
}

int reason_flips(struct reason_look *look, const struct reason_version *version, struct err *err)
{
	OWNED(trail_record_release) struct trail_record record = {0};
	OWNED_MEM struct trail_flip *flips = calloc(version->n_actions + 1, sizeof *flips);

	if (!flips)
		return err_nomem(err);
	int rc = trail_record_load(tracker_db(look->tracker), look->place->crate, version->version, &record, err);
	if (rc)
		return rc;
	size_t n =
		trail_unrecorded(version->actions, version->n_actions, record.since_ms, record.items, record.n, flips);
	return n ? record_flips(look, version->version, flips, n, err) : 0;
}
