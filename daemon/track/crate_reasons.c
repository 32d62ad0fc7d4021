/* SPDX-License-Identifier: Apache-2.0 */
/* crate_reasons.c: why versions were yanked, as far as a look at the index begins or ends it. See crate_work.h. */
#include "store/reason_trail.h"
#include "track/crate_work.h"
#include "track/reasons.h"

#include <string.h>

static const struct config_reasons *config_of(const struct crate_work *work)
{
	return reasons_config(work->tracker, work->seen->registry);
}

static bool asks(const struct crate_work *work)
{
	const struct config_reasons *config = config_of(work);

	return config && config->from_api;
}

/* Its text is borrowed. */
static struct reason_row row_of_line(const struct index_version *version, int64_t seq, int64_t now_ms)
{
	struct reason_row row = {.event = seq, .source = REASON_OF_LINE, .seen_ms = now_ms};

	if (version->reason)
		row.said = *version->reason;
	return row;
}

int work_note_reason(const struct crate_work *work, const struct transition *transition, struct strbuf *json,
		     struct recording_notes *notes, struct err *err)
{
	if (transition->kind != EVENT_YANKED)
		return 0;
	if (!transition->after->reason) {
		notes->reason_ms = asks(work) ? work->seen->observed_at_ms + config_of(work)->wait_ms : 0;
		return 0;
	}
	const struct reason_row row = row_of_line(transition->after, 0, 0);
	const struct reason_said said = reason_row_said(&row);
	int rc = reason_json(&said, json, err);
	notes->reason = strbuf_str(json);
	return rc;
}

/* ---- what is kept and asked for ---- */

static int ask(const struct crate_work *work, const char *version, int64_t seq, enum reason_rank rank, int64_t until_ms,
	       struct err *err)
{
	const struct reason_ask ask = {
		.crate = work->record.id,
		.version = version,
		.event = seq,
		.rank = rank,
		.due_ms = work->seen->observed_at_ms,
		.until_ms = until_ms,
	};

	if (!asks(work))
		return 0;
	tracker_note_reasons(work->tracker);
	return reason_ask_put(tracker_db(work->tracker), &ask, err);
}

static int keep_yank(const struct crate_work *work, const struct index_version *version, int64_t seq, struct err *err)
{
	struct db *db = tracker_db(work->tracker);
	int64_t now_ms = work->seen->observed_at_ms;
	int rc;

	if (version->reason) {
		const struct reason_row row = row_of_line(version, seq, now_ms);
		rc = reason_row_add(db, work->record.id, version->vers, &row, err);
	} else {
		rc = reason_row_end(db, work->record.id, version->vers, now_ms, err);
	}
	int64_t until_ms = version->reason || !asks(work) ? 0 : now_ms + config_of(work)->wait_ms;
	return rc ? rc : ask(work, version->vers, seq, REASON_NEW, until_ms, err);
}

int work_keep_reason(const struct crate_work *work, const struct transition *transition, int64_t seq, struct err *err)
{
	struct db *db = tracker_db(work->tracker);
	int64_t now_ms = work->seen->observed_at_ms;
	int rc;

	if (transition->kind == EVENT_YANKED)
		return keep_yank(work, transition->after, seq, err);
	if (transition->kind == EVENT_UNYANKED) {
		rc = reason_row_end(db, work->record.id, transition->after->vers, now_ms, err);
		return rc ? rc : ask(work, transition->after->vers, seq, REASON_ONCE, 0, err);
	}
	if (transition->kind != EVENT_VERSION_DELETED)
		return 0;
	rc = reason_row_end(db, work->record.id, transition->before->vers, now_ms, err);
	return rc ? rc : reason_ask_drop(db, work->record.id, transition->before->vers, err);
}

/* ---- what index lines say ---- */

/* One that had no text and has none says nothing. */
static int follow_line(const struct crate_work *work, struct reason_look *look, const struct index_version *version,
		       struct err *err)
{
	OWNED(reason_row_release) struct reason_row before = {0};
	struct db *db = tracker_db(work->tracker);
	struct reason_row now = row_of_line(version, 0, look->now_ms);

	int rc = reason_row_standing(db, work->record.id, version->vers, &before, err);
	bool is_cleared = !version->reason && before.source == REASON_OF_LINE && before.said.text;
	if (rc || (!version->reason && !is_cleared))
		return rc;
	rc = reason_last_yank(db, work->record.id, version->vers, &now.event, err);
	look->line = version->line_len <= EVENT_LINE_MAX ? version->line : NULL;
	look->line_len = version->line_len;
	return rc ? rc : reason_note(look, version->vers, &now, work->record.state == CRATE_UNKNOWN, err);
}

/* A line without fingerprint waits for confirmation (settle.h): what it says is not taken yet. */
static bool is_to_follow(const struct index_version *version, bool had_texts)
{
	static const unsigned char none[FINGERPRINT_SIZE];

	return version->yanked && memcmp(version->fingerprint, none, sizeof none) != 0 &&
	       (version->reason || had_texts);
}

int work_follow_reasons(const struct crate_work *work, struct err *err)
{
	OWNED(crate_place_release) struct crate_place place = {0};
	struct reason_look look = {.tracker = work->tracker, .place = &place, .now_ms = work->seen->observed_at_ms};
	const struct index_versions *changed = &work->look.changed;
	bool had_texts = false;

	if (changed->count == 0)
		return 0;
	int rc = work->record.state == CRATE_UNKNOWN
			 ? 0
			 : reason_rows_of_lines(tracker_db(work->tracker), work->record.id, &had_texts, err);
	for (size_t i = 0; i < changed->count && !rc; i++) {
		if (!is_to_follow(&changed->items[i], had_texts))
			continue;
		if (!place.crate)
			rc = crate_place_load(tracker_db(work->tracker), work->record.id, &place, err);
		if (!rc)
			rc = follow_line(work, &look, &changed->items[i], err);
	}
	return rc;
}
