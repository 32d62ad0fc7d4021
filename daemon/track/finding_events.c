/* SPDX-License-Identifier: Apache-2.0 */
/* finding_events.c: see finding_events.h. */
#include "track/finding_events.h"

#include "store/history.h"
#include "store/versions.h"
#include "track/meaning.h"
#include "track/reasons.h"

/* The list has those of every project; this one's stay. */
static int add_own(struct meaning *meaning, const struct finding_news *news, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < news->list->n && !rc; i++) {
		struct impact_found *found = &news->list->items[i];
		const struct impact_list own = {.items = found, .n = 1, .belongs = true};
		if (found->project == news->finding->project)
			rc = meaning_add(meaning, &own, finding_state_name(news->finding->state), false, err);
	}
	return rc;
}

/* It is over: who, and whether it still locks that version. */
static int add_ended(struct meaning *meaning, const struct finding_news *news, struct project_names *names,
		     struct err *err)
{
	OWNED_STRBUF struct strbuf json = {0};
	struct json_writer w = {.out = &json};

	json_open(&w, NULL, '{');
	json_put_string(&w, "project", names->name);
	if (names->team[0])
		json_put_string(&w, "team", names->team);
	json_put_bool(&w, "locked", news->locked);
	if (news->unwatched && !news->locked)
		json_put_bool(&w, "watched", false);
	json_put_string(&w, "severity", severity_name(SEVERITY_INFO));
	json_close(&w, '}');
	if (strbuf_failed(&json))
		return err_nomem(err);
	struct impact_found found = {
		.project_name = names->name, .team = names->team, .locked = news->locked, .json = json};
	const struct impact_list own = {.items = &found, .n = 1, .belongs = true};
	return meaning_add(meaning, &own, finding_state_name(news->finding->state), false, err);
}

/* Why it was yanked, as far as that is known. */
static int note_reason(struct tracker *tracker, const struct finding_news *news, bool is_yanked, struct strbuf *reason,
		       struct recording_notes *notes, struct err *err)
{
	if (news->kind != EVENT_FINDING_OPENED || !is_yanked)
		return 0;
	int rc = reason_of_finding(tracker, news->place, news->finding->version, news->now_ms, reason, err);
	notes->reason = reason->len ? strbuf_str(reason) : NULL;
	return rc;
}

static int write_event(struct tracker *tracker, const struct finding_news *news, const char *project,
		       struct recording_notes *notes, int64_t *ret_seq, struct err *err)
{
	OWNED_STRBUF struct strbuf reason = {0};
	const struct crate_place *place = news->place;
	struct version_found version;
	struct recording recording;

	int rc = versions_find(tracker_db(tracker), place->crate, news->finding->version, &version, err);
	if (!rc)
		rc = note_reason(tracker, news, version.yanked, &reason, notes, err);
	if (!rc)
		rc = recording_begin(&recording, tracker, place->crate, err);
	if (rc)
		return rc;
	struct event event = {
		.at_ms = news->now_ms,
		.observed_at_ms = news->now_ms,
		.registry = place->registry,
		.index_url = place->index_url,
		.crate = place->name,
		.version = news->finding->version,
		.project = project,
		.kind = news->kind,
		.severity = news->kind == EVENT_FINDING_OPENED ? news->finding->severity : SEVERITY_INFO,
		.checksum = version.there ? version.checksum : NULL,
		.yanked = version.yanked,
		.etag = place->etag,
		.last_modified = place->last_modified,
		.detail = news->detail,
	};
	rc = recording_add(&recording, &event, notes, err);
	*ret_seq = event.seq;
	return rc;
}

/* What told the project's finding decides who hears of it again. Who heard of a yank hears that it is taken back. */
static int find_followers(struct db *db, const struct finding_news *news, struct recording_notes *notes,
			  struct err *err)
{
	enum event_kind opened;

	if (news->kind == EVENT_FINDING_OPENED)
		return 0;
	notes->belongs_to = news->finding->event;
	notes->finding = news->finding->severity;
	int rc = history_kind(db, news->finding->event, &opened, err);
	if (!rc && opened != EVENT_FINDING_OPENED)
		notes->said_by = news->said_by;
	return rc;
}

int finding_tell(struct tracker *tracker, const struct finding_news *news, int64_t *ret_seq, struct err *err)
{
	OWNED(meaning_release) struct meaning meaning = {0};
	OWNED(project_names_release) struct project_names names = {0};
	struct recording_notes notes = {0};

	int rc = project_names_load(tracker_db(tracker), news->finding->project, &names, err);
	if (!rc)
		rc = news->list ? add_own(&meaning, news, err) : add_ended(&meaning, news, &names, err);
	if (!rc)
		rc = meaning_notes(&meaning, news->crate, news->finding->version, &notes, err);
	if (rc)
		return rc;
	rc = find_followers(tracker_db(tracker), news, &notes, err);
	return rc ? rc : write_event(tracker, news, names.name, &notes, ret_seq, err);
}
