/* SPDX-License-Identifier: Apache-2.0 */
/* crate_work.c: what is remembered of a crate, held against what was seen. See crate_work.h. */
#include "track/crate_work.h"

#include <string.h>

void work_release(struct crate_work *work)
{
	crate_record_release(&work->record);
	pending_release(&work->pending);
	index_versions_release(&work->known);
	index_look_release(&work->look);
	transitions_release(&work->transitions);
	free(work->gone);
	for (size_t i = 0; i < work->n_told; i++)
		impact_list_release(&work->told[i].weight);
	free(work->told);
	free(work->withheld_etag);
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

/* Is it the file that was remembered last, with nothing in it left to wait for or to read again? */
static bool is_recorded(const struct crate_work *work)
{
	const struct observation *seen = work->seen;
	unsigned char fingerprint[FINGERPRINT_SIZE];

	if (!work->record.has_fingerprint || work->pending.there || seen->state != CRATE_PRESENT)
		return false;
	index_file_fingerprint(tracker_keys(work->tracker), seen->body, seen->body_len, fingerprint);
	return memcmp(fingerprint, work->record.fingerprint, sizeof fingerprint) == 0;
}

static int load_remembered(struct crate_work *work, struct err *err)
{
	struct db *db = tracker_db(work->tracker);
	struct observation *seen = work->seen;

	int rc = pending_load(db, work->record.id, &work->pending, err);
	if (rc)
		return rc;
	work->same_as_pending = seen->pending_stands || is_same(seen, &work->pending);
	if (seen->pending_stands)
		rc = take_pending(work, err);
	work->same_file = !rc && is_recorded(work);
	return rc || work->same_file ? rc : versions_load(db, work->record.id, &work->known, err);
}

int work_load(struct crate_work *work, struct err *err)
{
	struct db *db = tracker_db(work->tracker);
	struct observation *seen = work->seen;

	int rc = state_crate(db, seen->registry, seen->index_url, seen->crate, &work->record, err);
	bool is_first = work->record.state == CRATE_UNKNOWN && !seen->pending_stands;
	if (!rc && !is_first) /* of a first look nothing is remembered, and nothing waits */
		rc = load_remembered(work, err);
	return rc;
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

int work_compare(struct crate_work *work, struct err *err)
{
	const struct observation *seen = work->seen;

	if (work->same_file) {
		work->look.is_plain = true;
		memcpy(work->look.fingerprint, work->record.fingerprint, sizeof work->look.fingerprint);
		return 0;
	}
	if (seen->state == CRATE_ABSENT) {
		int rc = list_gone(work, err);
		return rc ? rc : diff_absent(work->record.state, &work->transitions, err);
	}
	int rc = index_file_look(tracker_line_reader(work->tracker), seen->crate, seen->body, seen->body_len,
				 &work->known, &work->look, err);
	return rc ? rc : diff_present(work->record.state, &work->known, &work->look, &work->transitions, err);
}

int64_t work_witness(const struct crate_work *work)
{
	return work->seen->state == CRATE_PRESENT ? work->seen->validators.last_modified : work->record.last_modified;
}
