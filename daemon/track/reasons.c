/* SPDX-License-Identifier: Apache-2.0 */
/* reasons.c: see reasons.h. */
#include "track/reasons.h"

#include "store/annotations.h"
#include "store/history.h"
#include "store/versions.h"
#include "track/recording.h"

#include <string.h>

const struct config_reasons *reasons_config(struct tracker *tracker, const char *registry)
{
	const struct config *config = tracker_config(tracker);

	for (size_t i = 0; config && i < config->n_registries; i++)
		if (strcmp(config->registries[i].name, registry) == 0)
			return &config->registries[i].reasons;
	return NULL;
}

int reason_json(const struct reason_said *said, struct strbuf *out, struct err *err)
{
	struct json_writer w = {.out = out};

	reason_put(&w, NULL, said);
	return strbuf_failed(out) ? err_nomem(err) : 0;
}

/* ---- told ---- */

/* Whom the yank hits: their routes and silences are asked, too. */
static int load_projects(struct db *db, int64_t yank, struct annotation_projects *ret, struct err *err)
{
	return yank ? annotations_projects(db, yank, ret, err) : 0;
}

static int record_change(const struct reason_look *look, struct event *event, const struct annotation_projects *hit,
			 struct err *err)
{
	OWNED_MEM struct event_project *projects = calloc(hit->count + 1, sizeof *projects);
	struct recording recording;

	if (!projects)
		return err_nomem(err);
	for (size_t i = 0; i < hit->count; i++)
		projects[i] = (struct event_project){hit->items[i].project, hit->items[i].team, false};
	const struct recording_notes notes = {.projects = projects, .n_projects = hit->count};
	int rc = recording_begin(&recording, look->tracker, look->place->crate, err);
	return rc ? rc : recording_add(&recording, event, &notes, err);
}

static int tell(struct reason_look *look, const char *version, const struct reason_row *before,
		const struct reason_row *now, struct err *err)
{
	OWNED(annotation_projects_release) struct annotation_projects hit = {0};
	struct db *db = tracker_db(look->tracker);
	const struct reason_said said = reason_row_said(now);
	const struct reason_said previous = {.has_text = true, .text = before->said.text, .cut = before->said.cut};
	struct version_found found;

	int rc = versions_find(db, look->place->crate, version, &found, err);
	if (!rc)
		rc = load_projects(db, now->event, &hit, err);
	if (rc)
		return rc;
	struct event event = {
		.at_ms = look->now_ms,
		.observed_at_ms = look->now_ms,
		.registry = look->place->registry,
		.index_url = look->place->index_url,
		.crate = look->place->name,
		.version = version,
		.kind = EVENT_REASON_CHANGED,
		.severity = SEVERITY_INFO,
		.checksum = found.there ? found.checksum : NULL,
		.yanked = found.yanked,
		.reason = &said,
		.previous_reason = &previous,
		.api = look->api,
		.line = look->line,
		.line_len = look->line_len,
	};
	look->changed++;
	return record_change(look, &event, &hit, err);
}

/* ---- kept ---- */

/* With the yank's event, and with those of projects that locked the version when it was yanked already. */
static int annotate(const struct reason_look *look, const char *version, const struct reason_row *row, struct err *err)
{
	OWNED_STRBUF struct strbuf json = {0};
	struct db *db = tracker_db(look->tracker);
	const struct reason_said said = reason_row_said(row);

	int rc = reason_json(&said, &json, err);
	if (!rc && row->event)
		rc = annotations_set_reason(db, row->event, strbuf_str(&json), err);
	return rc ? rc : annotations_set_findings_reason(db, look->place->crate, version, strbuf_str(&json), err);
}

static bool same_who(const struct reason_row *a, const struct reason_row *b)
{
	bool same_by = a->by && b->by ? strcmp(a->by, b->by) == 0 : a->by == b->by;

	return same_by && a->owner == b->owner && a->at_ms == b->at_ms && a->event == b->event;
}

/* The same text: who gave it may be known better by now. */
static int note_who(const struct reason_look *look, const char *version, const struct reason_row *before,
		    struct reason_row *now, struct err *err)
{
	now->id = before->id;
	if (now->owner == REASON_OWNER_UNKNOWN && now->by && before->by && strcmp(now->by, before->by) == 0)
		now->owner = before->owner;
	if (!now->event)
		now->event = before->event;
	if (!now->by || same_who(before, now)) /* an index line says nothing of it */
		return 0;
	int rc = reason_row_update(tracker_db(look->tracker), now, err);
	return rc ? rc : annotate(look, version, now, err);
}

/* A text that stands in the index line is not taken back by an API that has none. */
static bool is_same(const struct reason_row *before, const struct reason_row *now)
{
	bool line_stands = before->source == REASON_OF_LINE && now->source == REASON_OF_API && !now->said.text;

	return before->id && (line_stands || reason_text_same(&before->said, &now->said));
}

/* Of a cache before the API, or of a copy of its database that lags: who acted last had not yet. */
static bool is_older(const struct reason_row *before, const struct reason_row *now)
{
	return before->id && now->at_ms && now->at_ms < before->at_ms;
}

int reason_note(struct reason_look *look, const char *version, struct reason_row *now, bool is_waiting, struct err *err)
{
	OWNED(reason_row_release) struct reason_row before = {0};
	struct db *db = tracker_db(look->tracker);

	int rc = reason_row_standing(db, look->place->crate, version, &before, err);
	if (rc || is_older(&before, now))
		return rc;
	if (is_same(&before, now)) {
		now->said = before.said;
		return note_who(look, version, &before, now, err);
	}
	bool is_told = now->event || now->source == REASON_OF_LINE; /* else it was so before anybody looked */
	bool is_news = !is_waiting && (before.id || (now->said.text && is_told));
	if (!now->event)
		now->event = before.event;
	now->seen_ms = look->now_ms;
	rc = reason_row_add(db, look->place->crate, version, now, err);
	if (!rc)
		rc = annotate(look, version, now, err);
	return rc || !is_news ? rc : tell(look, version, &before, now, err);
}

/* ---- of a version that was yanked before ---- */

static int ask_once(struct tracker *tracker, const struct crate_place *place, const char *version, int64_t now_ms,
		    struct err *err)
{
	const struct config_reasons *config = reasons_config(tracker, place->registry);
	struct reason_ask ask;

	if (!config || !config->from_api)
		return 0;
	int rc = reason_ask_load(tracker_db(tracker), place->crate, version, &ask, err);
	if (rc || ask.crate)
		return rc;
	ask = (struct reason_ask){.crate = place->crate, .version = version, .rank = REASON_ONCE, .due_ms = now_ms};
	tracker_note_reasons(tracker);
	return reason_ask_put(tracker_db(tracker), &ask, err);
}

int reason_of_finding(struct tracker *tracker, const struct crate_place *place, const char *version, int64_t now_ms,
		      struct strbuf *ret, struct err *err)
{
	OWNED(reason_row_release) struct reason_row row = {0};

	int rc = reason_row_standing(tracker_db(tracker), place->crate, version, &row, err);
	if (rc)
		return rc;
	if (!row.id)
		return ask_once(tracker, place, version, now_ms, err);
	const struct reason_said said = reason_row_said(&row);
	return reason_json(&said, ret, err);
}
