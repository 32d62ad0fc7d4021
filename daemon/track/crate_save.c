/* SPDX-License-Identifier: Apache-2.0 */
/* crate_save.c: what is remembered of a crate after a look. See crate_work.h. */
#include "store/demands.h"
#include "track/crate_work.h"

#include <string.h>

/* Asked for one version after the other: the transitions are in their order, from *at on. */
static bool has_event(const struct transitions *transitions, const struct index_version *version, size_t *at)
{
	const struct transition *items = transitions->items;

	while (*at < transitions->count && (!items[*at].after || items[*at].after < version))
		++*at;
	return *at < transitions->count && items[*at].after == version;
}

/* What the crate's versions are now. The texts and all else stay with `known` and `look`. */
struct merge {
	struct index_versions now;           /* its items are copies, owned as a list alone */
	const struct index_version **sorted; /* owned; those of `known` */
};

static void merge_release(struct merge *merge)
{
	free(merge->now.items);
	free(merge->sorted);
}

static int merge_begin(struct merge *merge, const struct crate_work *work, struct err *err)
{
	size_t count = work->known.count;

	merge->now.items = calloc(count + work->look.changed.count + 1, sizeof *merge->now.items);
	merge->sorted = index_versions_sorted(&work->known);
	if (!merge->now.items || !merge->sorted)
		return err_nomem(err);
	if (count)
		memcpy(merge->now.items, work->known.items, count * sizeof *merge->now.items);
	merge->now.count = count;
	return 0;
}

static void note_event(struct index_version *version, const struct crate_work *work)
{
	if (version->changed_ms < work->seen->observed_at_ms)
		version->changed_ms = work->seen->observed_at_ms;
}

/* A version that is known keeps its place and the time of its last event. */
static void merge_changed(struct merge *merge, const struct crate_work *work)
{
	size_t at = 0;

	for (size_t i = 0; i < work->look.changed.count; i++) {
		const struct index_version *version = &work->look.changed.items[i];
		bool told = has_event(&work->transitions, version, &at);
		const struct index_version *was = index_versions_find(merge->sorted, work->known.count, version);
		struct index_version *now =
			&merge->now.items[was ? (size_t)(was - work->known.items) : merge->now.count++];
		*now = *version;
		now->changed_ms = was ? was->changed_ms : 0;
		if (told)
			note_event(now, work);
	}
}

static void delete_version(const struct merge *merge, const struct crate_work *work, size_t index)
{
	merge->now.items[index].deleted = true;
	note_event(&merge->now.items[index], work);
}

static void merge_gone(const struct merge *merge, const struct crate_work *work)
{
	for (size_t i = 0; i < work->transitions.count; i++) {
		const struct transition *transition = &work->transitions.items[i];
		if (transition->kind == EVENT_VERSION_DELETED)
			delete_version(merge, work, (size_t)(transition->before - work->known.items));
		if (transition->kind != EVENT_CRATE_DELETED)
			continue;
		for (size_t k = 0; k < work->known.count; k++)
			if (!work->known.items[k].deleted)
				delete_version(merge, work, k);
	}
}

static int save_versions(const struct crate_work *work, struct err *err)
{
	OWNED(merge_release) struct merge merge = {0};

	if (work->look.changed.count == 0 && work->transitions.count == 0)
		return 0;
	if (work->record.state == CRATE_UNKNOWN) /* a baseline: none of them is there yet */
		return versions_save(tracker_db(work->tracker), work->record.id, &work->look.changed, err);
	int rc = merge_begin(&merge, work, err);
	if (rc)
		return rc;
	merge_changed(&merge, work);
	merge_gone(&merge, work);
	return versions_save(tracker_db(work->tracker), work->record.id, &merge.now, err);
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
	return rc ? rc
		  : state_crate_save(db, work->record.id, work->seen->state, &validators, &work->look,
				     work->seen->observed_at_ms, err);
}

/* What locked versions demand, from their lines; of some it may be another than before. */
static int save_demands(struct crate_work *work, struct err *err)
{
	struct db *db = tracker_db(work->tracker);
	const struct observation *seen = work->seen;
	bool wanted = false;
	int rc = 0;

	if (!work->record.in_lockfile)
		return 0;
	for (size_t i = 0; i < work->transitions.count && !rc; i++)
		if (work->transitions.items[i].facets & 1u << FACET_DEPS)
			rc = demands_changed(db, work->record.id, work->transitions.items[i].after->vers, err);
	if (!rc)
		rc = demands_are_wanted(db, work->record.id, &wanted, err);
	work->filled = wanted;
	return rc || !wanted ? rc
			     : demands_fill(db, work->record.id, seen->body ? seen->body : "", seen->body_len, err);
}

int work_save(struct crate_work *work, struct err *err)
{
	int64_t first_ms = work->same_as_pending ? work->pending.first_ms : work->seen->observed_at_ms;

	int rc = save_versions(work, err);
	if (!rc)
		rc = save_demands(work, err);
	if (rc)
		return rc;
	if (!work->waits)
		return save_believed(work, err);
	if (work->record.stale_modified) /* that older copy has not stood all the time */
		rc = state_stale_save(tracker_db(work->tracker), work->record.id, 0, 0, err);
	return rc ? rc : pending_save(tracker_db(work->tracker), work->record.id, work->seen, first_ms, err);
}
