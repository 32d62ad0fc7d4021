/* SPDX-License-Identifier: Apache-2.0 */
/* crate_events.c: a crate's transitions become events. See crate_work.h. */
#include "store/demands.h"
#include "store/finding_rows.h"
#include "track/crate_work.h"
#include "track/meaning.h"

#include <string.h>

/* What is longer would not fit into a message: better an alert without it than none. */
#define EVENT_VERSIONS_MAX (1u << 20) /* bytes of the versions that go with a crate */

static bool versions_fit(const struct crate_work *work)
{
	size_t bytes = 0;

	for (size_t i = 0; i < work->n_gone; i++)
		bytes += strlen(work->gone[i]);
	return bytes <= EVENT_VERSIONS_MAX;
}

/* Of the copy that shows it. */
static const char *etag_of(const struct crate_work *work)
{
	if (work->seen->state != CRATE_PRESENT)
		return work->record.etag;
	return work->withheld_etag ? work->withheld_etag : work->seen->validators.etag;
}

static struct event make_event(const struct crate_work *work, const struct transition *transition)
{
	const struct observation *seen = work->seen;
	const struct index_version *subject = transition->after ? transition->after : transition->before;
	bool present = seen->state == CRATE_PRESENT;
	struct event event = {
		.at_ms = seen->observed_at_ms,
		.observed_at_ms = seen->observed_at_ms,
		.registry = seen->registry,
		.index_url = seen->index_url,
		.crate = seen->crate,
		.kind = transition->kind,
		.facets = transition->facets,
		.etag = etag_of(work),
		.last_modified = work_witness(work),
		.status = present ? 0 : seen->status,
	};

	if (subject) {
		event.version = subject->vers;
		event.checksum = subject->checksum;
		event.yanked = subject->yanked;
		event.line = subject->line_len <= EVENT_LINE_MAX ? subject->line : NULL;
		event.line_len = subject->line_len;
	}
	if (transition->before && transition->after &&
	    (transition->kind == EVENT_PUBLISHED || transition->kind == EVENT_CHECKSUM_CHANGED))
		event.previous_checksum = transition->before->checksum;
	if (transition->kind == EVENT_CRATE_DELETED && versions_fit(work)) {
		event.versions = work->gone;
		event.n_versions = work->n_gone;
	}
	return event;
}

/* ---- what it means for the projects ---- */

/* Kinds that are looked at for what they mean; those that a version's users must know. */
#define MEANS                                                                                                  \
	(1u << EVENT_YANKED | 1u << EVENT_UNYANKED | 1u << EVENT_VERSION_DELETED | 1u << EVENT_CRATE_DELETED | \
	 1u << EVENT_CHECKSUM_CHANGED | 1u << EVENT_METADATA_CHANGED)
/* Those that make a version bad; */
#define SPOILS \
	(1u << EVENT_YANKED | 1u << EVENT_VERSION_DELETED | 1u << EVENT_CRATE_DELETED | 1u << EVENT_CHECKSUM_CHANGED)
/* and that are told with what there is to move to. */
#define MOVES (1u << EVENT_YANKED | 1u << EVENT_VERSION_DELETED | 1u << EVENT_CHECKSUM_CHANGED)

static bool is_other(const struct transition *transition)
{
	return transition->kind == EVENT_PUBLISHED && transition->before && transition->after &&
	       memcmp(transition->before->checksum, transition->after->checksum, CHECKSUM_SIZE) != 0;
}

static int add_meaning(const struct crate_work *work, const struct impact_crate *crate, const char *version,
		       enum event_kind kind, struct meaning *meaning, struct impact_list *ret_weight, struct err *err)
{
	int rc = impact_of_version(tracker_db(work->tracker), crate, version, kind, 0, ret_weight, err);
	return rc ? rc : meaning_add(meaning, ret_weight, NULL, kind == EVENT_CRATE_DELETED, err);
}

/* A crate that is gone: each of its versions that somebody locks. */
static int find_meaning_of_all(const struct crate_work *work, const struct impact_crate *crate, struct meaning *meaning,
			       struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < work->n_gone && !rc; i++) {
		OWNED(impact_list_release) struct impact_list weight = {0};
		rc = add_meaning(work, crate, work->gone[i], EVENT_CRATE_DELETED, meaning, &weight, err);
	}
	return rc;
}

static int find_meaning(const struct crate_work *work, const struct impact_crate *crate,
			const struct transition *transition, struct meaning *meaning, struct follow_told *told,
			struct err *err)
{
	bool asks = MEANS & 1u << transition->kind || is_other(transition);

	if (!work->record.in_lockfile || !asks)
		return 0;
	if (transition->kind == EVENT_CRATE_DELETED)
		return find_meaning_of_all(work, crate, meaning, err);
	const struct index_version *subject = transition->after ? transition->after : transition->before;
	int rc = add_meaning(work, crate, subject->vers, transition->kind, meaning, &told->weight, err);
	told->is_weighed = !rc;
	return rc;
}

static int record(struct crate_work *work, const struct impact_crate *crate, struct recording *recording,
		  const struct transition *transition, struct err *err)
{
	OWNED(meaning_release) struct meaning meaning = {0};
	OWNED_STRBUF struct strbuf reason = {0};
	struct event event = make_event(work, transition);
	struct recording_notes notes;

	struct follow_told *told = &work->told[work->n_told++];
	int rc = find_meaning(work, crate, transition, &meaning, told, err);
	if (!rc)
		rc = meaning_notes(&meaning, MOVES & 1u << event.kind ? crate : NULL, event.version, &notes, err);
	if (!rc)
		rc = work_note_reason(work, transition, &reason, &notes, err);
	if (rc)
		return rc;
	const struct impact_listing listing = {.belongs = meaning.belongs, .named = !work->record.bulk};
	event.severity = impact_event_severity(event.kind, listing, &meaning.worst, meaning.n != 0);
	rc = recording_add(recording, &event, &notes, err);
	if (!rc)
		rc = work_keep_reason(work, transition, event.seq, err);
	told->version = event.version ? event.version : "";
	told->seq = event.seq;
	told->kind = event.kind;
	told->spoils = SPOILS & 1u << event.kind || is_other(transition);
	if (!told->spoils)
		impact_list_release(&told->weight);
	told->is_weighed &= told->spoils;
	return rc;
}

/* What is asked of the crate's versions is asked of what they are now. */
static int load_crate(const struct crate_work *work, struct impact_crate *ret, struct err *err)
{
	uint32_t kinds = 0;

	for (size_t i = 0; i < work->transitions.count; i++)
		kinds |= 1u << work->transitions.items[i].kind;
	if (!(kinds & MOVES) && !work->record.in_lockfile)
		return 0;
	return impact_crate_load(tracker_db(work->tracker), work->record.id, ret, err);
}

int work_record(struct crate_work *work, struct err *err)
{
	OWNED(impact_crate_release) struct impact_crate crate = {0};
	const struct transitions *transitions = &work->transitions;
	struct recording recording;

	if (transitions->count == 0)
		return 0;
	work->told = calloc(transitions->count, sizeof *work->told);
	if (!work->told)
		return err_nomem(err);
	int rc = recording_begin(&recording, work->tracker, work->record.id, err);
	if (!rc)
		rc = load_crate(work, &crate, err);
	for (size_t i = 0; i < transitions->count && !rc; i++)
		rc = record(work, &crate, &recording, &transitions->items[i], err);
	return rc;
}

/* The last of those that findings wait for was this one. */
static int follow_demands(const struct crate_work *work, struct following *following, struct err *err)
{
	bool wanted = false;

	if (!work->filled)
		return 0;
	int rc = demands_any_wanted(tracker_db(work->tracker), &wanted, err);
	return rc || wanted ? rc : follow_waiting(following, err);
}

/* A first look may show that what is locked is bad; after it what happened can, or that what waits is so still, or that
 * a line hid nothing. */
static int must_follow(const struct crate_work *work, bool *ret, struct err *err)
{
	const struct crate_record *record = &work->record;

	*ret = work->transitions.count || record->state == CRATE_UNKNOWN || record->unparsed;
	return *ret ? 0 : finding_waits(tracker_db(work->tracker), record->id, ret, err);
}

int work_follow(struct crate_work *work, struct err *err)
{
	struct following following = {
		.tracker = work->tracker,
		.now_ms = work->seen->observed_at_ms,
		.told = work->told,
		.n_told = work->n_told,
		.is_look = true,
	};
	bool follows = false;

	int rc = work->record.in_lockfile ? must_follow(work, &follows, err) : 0;
	if (!rc && follows)
		rc = follow_crate(&following, work->record.id, err);
	following = (struct following){.tracker = following.tracker, .now_ms = following.now_ms};
	return rc ? rc : follow_demands(work, &following, err);
}
