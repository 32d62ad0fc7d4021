/* SPDX-License-Identifier: Apache-2.0 */
/* crate_save.c: what is remembered of a crate after a look. See crate_work.h. */
#include "track/crate_work.h"

/* Asked for one version after the other: the transitions are in their order, from *at on. */
static bool has_event(const struct transitions *transitions, const struct index_version *version, size_t *at)
{
	const struct transition *items = transitions->items;

	while (*at < transitions->count && (!items[*at].after || items[*at].after < version))
		++*at;
	return *at < transitions->count && items[*at].after == version;
}

/* Of a baseline: none of them is there yet. */
static int save_first(struct crate_work *work, struct err *err)
{
	struct index_versions *first = &work->look.changed;

	for (size_t i = 0; i < first->count; i++)
		first->items[i].position = (int64_t)i + 1;
	return state_versions_add(tracker_db(work->tracker), work->record.id, first, err);
}

static int save_changed(struct crate_work *work, struct err *err)
{
	int64_t position = work->known.count ? work->known.items[work->known.count - 1].position : 0;
	size_t at = 0;
	int rc = 0;

	for (size_t i = 0; i < work->look.changed.count && !rc; i++) {
		struct index_version *version = &work->look.changed.items[i];
		bool told = has_event(&work->transitions, version, &at);
		version->position = ++position; /* of a version that is known its own is kept */
		rc = state_version_save(tracker_db(work->tracker), work->record.id, version,
					told ? work->seen->observed_at_ms : 0, err);
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
		.last_modified = work_witness(work),
	};

	int rc = work->pending.there ? pending_drop(db, work->record.id, err) : 0;
	return rc ? rc : state_crate_save(db, work->record.id, work->seen->state, &validators, &work->look, err);
}

int work_save(struct crate_work *work, struct err *err)
{
	int64_t first_ms = work->same_as_pending ? work->pending.first_ms : work->seen->observed_at_ms;

	int rc = work->record.state == CRATE_UNKNOWN ? save_first(work, err) : save_changed(work, err);
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
