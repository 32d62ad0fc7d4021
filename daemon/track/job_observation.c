/* SPDX-License-Identifier: Apache-2.0 */
/*
 * job_observation.c: the heart of it. What is remembered of a crate is held
 * against what was seen; what a stale copy could also show waits until it is
 * confirmed; the other transitions become events, the events find their notifiers,
 * and state, history and outbox change together or not at all.
 */
#include "base/log.h"
#include "base/numbers.h"
#include "base/text.h"
#include "store/history.h"
#include "store/outbox.h"
#include "store/pending.h"
#include "track/jobs.h"

#include <stdio.h>
#include <string.h>

#define EVENT_LINE_MAX (1u << 20) /* bytes of a line that are kept as evidence */

/* One crate between what it was and what it is. */
struct crate_work {
	struct tracker *tracker;
	struct observation *seen;
	struct crate_record record;
	struct pending pending; /* what waits already */
	bool same_as_pending;   /* and was seen again now */
	enum belief belief;
	bool newly_stale; /* an older copy, seen for the first time */
	bool waits;       /* something of this reply is not believed yet */
	struct index_versions known;
	struct index_look look;
	struct transitions transitions;
	const char **gone; /* crate_deleted: the versions that go with it */
	size_t n_gone;
	int64_t next_seq;
};

static void work_release(struct crate_work *work)
{
	crate_record_release(&work->record);
	pending_release(&work->pending);
	index_versions_release(&work->known);
	index_look_release(&work->look);
	transitions_release(&work->transitions);
	free(work->gone);
}

/* A 304 to the pending reply's validators: that reply stands, so it is looked at again. */
static int take_pending(struct crate_work *work, struct err *err)
{
	struct observation *seen = work->seen;
	struct pending *pending = &work->pending;

	if (!pending->there)
		return err_set(err, ERR_REFUSED, "nothing waits for confirmation");
	seen->state = pending->state;
	seen->status = pending->status;
	seen->body = TAKE(pending->body);
	seen->body_len = pending->body_len;
	seen->validators = pending->validators;
	pending->validators = (struct validators){0};
	return 0;
}

static bool is_same(const struct observation *seen, const struct pending *pending)
{
	if (!pending->there || seen->state != pending->state)
		return false;
	return seen->state == CRATE_ABSENT ||
	       (seen->body_len == pending->body_len && memcmp(seen->body, pending->body, seen->body_len) == 0);
}

static int work_load(struct crate_work *work, struct err *err)
{
	struct db *db = tracker_db(work->tracker);
	struct observation *seen = work->seen;

	int rc = state_crate(db, seen->registry, seen->index_url, seen->crate, &work->record, err);
	if (!rc)
		rc = pending_load(db, work->record.id, &work->pending, err);
	if (rc)
		return rc;
	work->same_as_pending = seen->pending_stands || is_same(seen, &work->pending);
	if (seen->pending_stands)
		rc = take_pending(work, err);
	return rc ? rc : state_versions(db, work->record.id, &work->known, err);
}

static int list_gone(struct crate_work *work, struct err *err)
{
	work->gone = calloc(work->known.count + 1, sizeof *work->gone);
	if (!work->gone)
		return err_nomem(err);
	for (size_t i = 0; i < work->known.count; i++)
		if (!work->known.items[i].deleted)
			work->gone[work->n_gone++] = work->known.items[i].vers;
	return 0;
}

static int work_compare(struct crate_work *work, struct err *err)
{
	const struct observation *seen = work->seen;

	if (seen->state == CRATE_ABSENT) {
		int rc = list_gone(work, err);
		return rc ? rc : diff_absent(work->record.state, &work->transitions, err);
	}
	int rc = index_file_look(tracker_keys(work->tracker), seen->crate, seen->body, seen->body_len, &work->known,
				 &work->look, err);
	return rc ? rc : diff_present(work->record.state, &work->known, &work->look, &work->transitions, err);
}

/* ---- belief ---- */

static const struct belief_confirm *confirm_of(const struct crate_work *work)
{
	static const struct belief_confirm at_once;
	const struct config *config = tracker_config(work->tracker);

	for (size_t i = 0; i < config->n_registries; i++)
		if (strcmp(config->registries[i].name, work->seen->registry) == 0)
			return &config->registries[i].confirm;
	return &at_once;
}

/* Is the reply as old as it says, and has an older one been there long enough? */
static int judge(struct crate_work *work, struct err *err)
{
	const struct observation *seen = work->seen;
	const struct crate_record *record = &work->record;

	work->belief = belief_in(record->last_modified, seen->validators.last_modified);
	if (work->belief != BELIEF_STALE)
		return 0;
	work->newly_stale = record->stale_modified != seen->validators.last_modified;
	if (work->newly_stale)
		return state_stale_save(tracker_db(work->tracker), record->id, seen->validators.last_modified,
					seen->observed_at_ms, err);
	if (seen->observed_at_ms - record->stale_since_ms >= BELIEF_STALE_MS) {
		work->belief = BELIEF_WHOLE;
		log_warning("poll: %s in %s: the same older copy for a day, it is accepted", seen->crate,
			    seen->registry);
	}
	return 0;
}

/* In that the version stays as it was known, and its line is parsed again next time. */
static void hold_back(struct crate_work *work, const struct transition *transition)
{
	work->waits = true;
	if (!transition->after)
		return;
	struct index_version *version = &work->look.changed.items[transition->after - work->look.changed.items];
	if (transition->kind == EVENT_METADATA_CHANGED)
		memcpy(version->facets, transition->before->facets, sizeof version->facets);
	else
		version->yanked = transition->before->yanked;
	memset(version->fingerprint, 0, sizeof version->fingerprint);
}

/* Leaves only those transitions that are believed now. */
static void hold_back_unconfirmed(struct crate_work *work)
{
	const struct belief_confirm *confirm = confirm_of(work);
	int64_t age_ms = work->same_as_pending ? work->seen->observed_at_ms - work->pending.first_ms : 0;
	bool was_away = work->pending.there && work->pending.state == CRATE_ABSENT;
	struct transitions *transitions = &work->transitions;
	size_t kept = 0;

	for (size_t i = 0; i < transitions->count; i++) {
		struct transition *transition = &transitions->items[i];
		if (transition->kind == EVENT_CHECKSUM_CHANGED && was_away)
			transition->kind = EVENT_PUBLISHED; /* it was not there all the time */
		if (work->belief == BELIEF_GUARDED && belief_waits(transition->kind, age_ms, confirm))
			hold_back(work, transition);
		else
			transitions->items[kept++] = *transition;
	}
	transitions->count = kept;
}

/* ---- events ---- */

/* The Last-Modified that names an event: of the copy that shows it, or the last one. */
static int64_t witness(const struct crate_work *work)
{
	return work->seen->state == CRATE_PRESENT ? work->seen->validators.last_modified : work->record.last_modified;
}

static struct event make_event(const struct crate_work *work, const struct transition *transition)
{
	const struct observation *seen = work->seen;
	const struct index_version *subject = transition->after ? transition->after : transition->before;
	bool present = seen->state == CRATE_PRESENT;
	struct event event = {
		.seq = work->next_seq,
		.at_ms = seen->observed_at_ms,
		.observed_at_ms = seen->observed_at_ms,
		.registry = seen->registry,
		.index_url = seen->index_url,
		.crate = seen->crate,
		.kind = transition->kind,
		.severity = severity_of(transition->kind, work->record.bulk),
		.facets = transition->facets,
		.etag = present ? seen->validators.etag : work->record.etag,
		.last_modified = witness(work),
		.status = present ? 0 : seen->status,
	};

	if (subject) {
		event.version = subject->vers;
		event.checksum = subject->checksum;
		event.yanked = subject->yanked;
		/* A longer one would not fit into a message: better an alert without it than none. */
		event.line = subject->line_len <= EVENT_LINE_MAX ? subject->line : NULL;
		event.line_len = subject->line_len;
	}
	if (transition->before && transition->after &&
	    (transition->kind == EVENT_PUBLISHED || transition->kind == EVENT_CHECKSUM_CHANGED))
		event.previous_checksum = transition->before->checksum;
	if (transition->kind == EVENT_CRATE_DELETED) {
		event.versions = work->gone;
		event.n_versions = work->n_gone;
	}
	return event;
}

static int identify(const struct crate_work *work, struct event *event, struct err *err)
{
	struct event_identity identity = {
		.index_url = event->index_url,
		.crate = event->crate,
		.version = event->version ? event->version : "",
		.kind = event->kind,
		.last_modified = event->last_modified,
		.lineage = tracker_secrets(work->tracker)->lineage,
	};

	int rc = history_ordinal(tracker_db(work->tracker), work->record.id, identity.version, event->kind,
				 &identity.ordinal, err);
	if (!rc)
		event_make_id(&identity, event->id);
	return rc;
}

static int notify(const struct crate_work *work, const struct event *event, struct err *err)
{
	const struct config *config = tracker_config(work->tracker);
	const struct routed_event routed = {event->kind, event->severity, event->registry, event->crate};
	uint64_t notifiers = routes_notifiers(config->routes, config->n_routes, &routed);
	int rc = 0;

	for (size_t i = 0; i < config->n_notifiers && !rc; i++) {
		if (!(notifiers & UINT64_C(1) << i))
			continue;
		tracker_note_outbox(work->tracker);
		rc = outbox_add(tracker_db(work->tracker), tracker_secrets(work->tracker)->lineage,
				config->notifiers[i].name, work->record.id, event, work->seen->observed_at_ms, err);
	}
	return rc;
}

static int record_events(struct crate_work *work, struct err *err)
{
	struct db *db = tracker_db(work->tracker);

	int rc = history_next_seq(db, &work->next_seq, err);
	for (size_t i = 0; i < work->transitions.count && !rc; i++) {
		struct event event = make_event(work, &work->transitions.items[i]);
		rc = identify(work, &event, err);
		if (!rc)
			rc = history_append(db, work->record.id, &event, err);
		if (!rc)
			rc = notify(work, &event, err);
		work->next_seq++;
	}
	return rc;
}

/* ---- state ---- */

static bool has_event(const struct crate_work *work, const struct index_version *version)
{
	for (size_t i = 0; i < work->transitions.count; i++)
		if (work->transitions.items[i].after == version || work->transitions.items[i].before == version)
			return true;
	return false;
}

static int save_changed(struct crate_work *work, struct err *err)
{
	int64_t position = work->known.count ? work->known.items[work->known.count - 1].position : 0;
	int rc = 0;

	for (size_t i = 0; i < work->look.changed.count && !rc; i++) {
		struct index_version *version = &work->look.changed.items[i];
		version->position = ++position; /* of a version that is known its own is kept */
		rc = state_version_save(tracker_db(work->tracker), work->record.id, version,
					has_event(work, version) ? work->seen->observed_at_ms : 0, err);
	}
	return rc;
}

static int save_deleted(struct crate_work *work, struct index_version *version, struct err *err)
{
	version->deleted = true;
	return state_version_save(tracker_db(work->tracker), work->record.id, version, work->seen->observed_at_ms, err);
}

static bool has_kind(const struct crate_work *work, enum event_kind kind)
{
	for (size_t i = 0; i < work->transitions.count; i++)
		if (work->transitions.items[i].kind == kind)
			return true;
	return false;
}

static int save_gone(struct crate_work *work, struct err *err)
{
	bool all = has_kind(work, EVENT_CRATE_DELETED);
	int rc = 0;

	for (size_t i = 0; all && i < work->known.count && !rc; i++)
		if (!work->known.items[i].deleted)
			rc = save_deleted(work, &work->known.items[i], err);
	for (size_t i = 0; i < work->transitions.count && !rc; i++) {
		const struct transition *transition = &work->transitions.items[i];
		if (transition->kind == EVENT_VERSION_DELETED)
			rc = save_deleted(work, &work->known.items[transition->before - work->known.items], err);
	}
	return rc;
}

/* All of the reply is believed: it is what the crate is now. */
static int save_believed(struct crate_work *work, struct err *err)
{
	struct db *db = tracker_db(work->tracker);
	/* Last-Modified outlives a deletion: it tells an older copy that comes back. */
	const struct validators validators = {
		.etag = work->seen->validators.etag,
		.last_modified = witness(work),
	};

	int rc = work->pending.there ? pending_drop(db, work->record.id, err) : 0;
	return rc ? rc : state_crate_save(db, work->record.id, work->seen->state, &validators, work->look.bad, err);
}

static int save_state(struct crate_work *work, struct err *err)
{
	int64_t first_ms = work->same_as_pending ? work->pending.first_ms : work->seen->observed_at_ms;

	int rc = save_changed(work, err);
	if (!rc)
		rc = save_gone(work, err);
	if (rc)
		return rc;
	if (!work->waits)
		return save_believed(work, err);
	if (work->record.stale_modified) /* that older copy has not stood all the time */
		rc = state_stale_save(tracker_db(work->tracker), work->record.id, 0, 0, err);
	return rc ? rc : pending_save(tracker_db(work->tracker), work->record.id, work->seen, first_ms, err);
}

/* ---- one line in the log, once it is committed ---- */

#define SAID_MAX 700 /* bytes of events in one line */

static void say_events(const struct crate_work *work, struct strbuf *out)
{
	const struct transitions *transitions = &work->transitions;
	char version[VERSION_TEXT_MAX];

	char seen[TIME_TEXT_MAX];
	char recorded[TIME_TEXT_MAX];

	if (work->newly_stale)
		strbuf_addf(out, "a copy of %s, older than the recorded one of %s, is not believed for a day",
			    time_format_rfc3339(work->seen->validators.last_modified * 1000, seen),
			    time_format_rfc3339(work->record.last_modified * 1000, recorded));
	if (work->waits && !work->same_as_pending)
		strbuf_adds(out, "something waits for confirmation");
	if (transitions->count)
		strbuf_addf(out, "%s%zu events:", out->len ? "; " : "", transitions->count);
	for (size_t i = 0; i < transitions->count && out->len < SAID_MAX; i++) {
		const struct transition *transition = &transitions->items[i];
		const struct index_version *subject = transition->after ? transition->after : transition->before;
		strbuf_addf(out, " %s", event_kind_name(transition->kind));
		if (subject)
			strbuf_addf(out, " %s", text_safe(subject->vers, version, sizeof version));
	}
}

static void say_faults(const struct crate_work *work, struct strbuf *out)
{
	const struct index_look *look = &work->look;
	char why[ERR_TEXT_MAX];

	if (look->bad)
		strbuf_addf(out, "%s%zu lines cannot be read and were kept aside, the first is line %zu: %s",
			    out->len ? "; " : "", look->bad, look->bad_line,
			    text_safe(look->bad_err.text, why, sizeof why));
	if (look->doubled)
		strbuf_addf(out, "%s%zu lines repeat a version, which counts as yanked if any says so",
			    out->len ? "; " : "", look->doubled);
}

static void committed(struct tracker *tracker, struct job *base)
{
	struct job_observation *job = CONTAINER_OF(base, struct job_observation, job);
	(void)tracker;

	if (job->ret_said.len)
		log_write(job->ret_result.faulty ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO, "poll: %s in %s: %s",
			  job->observation.crate, job->observation.registry, strbuf_str(&job->ret_said));
}

/* What the next request carries: the copy that was taken or that waits. After an older one it
 * names none: a 304 would not come here, and say that the older copy does not stand. */
static int next_validators(const struct crate_work *work, struct validators *ret, struct err *err)
{
	const char *etag = work->seen->validators.etag;

	if (work->belief == BELIEF_STALE)
		return 0;
	ret->last_modified = work->seen->validators.last_modified;
	ret->etag = etag ? strdup(etag) : NULL;
	return etag && !ret->etag ? err_nomem(err) : 0;
}

static int take_in(struct crate_work *work, struct err *err)
{
	int rc = work_compare(work, err);
	if (rc)
		return rc;
	hold_back_unconfirmed(work);
	rc = record_events(work, err);
	return rc ? rc : save_state(work, err);
}

static int apply(struct tracker *tracker, struct job *base, struct err *err)
{
	struct job_observation *job = CONTAINER_OF(base, struct job_observation, job);
	OWNED(work_release) struct crate_work work = {.tracker = tracker, .seen = &job->observation};
	struct observation_result *result = &job->ret_result;

	int rc = work_load(&work, err);
	if (!rc)
		rc = judge(&work, err);
	if (!rc && work.belief != BELIEF_STALE)
		rc = take_in(&work, err);
	if (!rc)
		rc = next_validators(&work, &result->validators, err);
	if (rc)
		return rc;
	say_events(&work, &job->ret_said);
	say_faults(&work, &job->ret_said);
	result->stale = work.belief == BELIEF_STALE;
	result->pending = result->stale ? work.pending.there : work.waits;
	result->state = result->stale || work.waits ? work.record.state : job->observation.state;
	result->events = work.transitions.count;
	result->faulty = work.look.bad || work.look.doubled || work.newly_stale;
	return 0;
}

const struct job_kind job_observation_kind = {.name = "observation", .apply = apply, .committed = committed};
