/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crate_work.h: one observation on its way through the transaction. The job calls
 * the steps in this order: load what is remembered, compare it with what was seen,
 * (settle what is believed,) save the state, record the events, let the findings
 * follow, say it in one sentence. Internal to track/.
 */
#pragma once

#include "model/settle.h"
#include "store/pending.h"
#include "store/versions.h"
#include "track/follow.h"
#include "track/recording.h"

#define EVENT_LINE_MAX \
	(1u << 20) /* bytes of a line that are kept as evidence; a longer one would not fit into a message */

/* One crate between what it was and what it is. */
struct crate_work {
	struct tracker *tracker;
	struct observation *seen; /* borrowed */
	struct crate_record record;
	struct pending pending; /* what waits already */
	bool same_as_pending;   /* and was seen again now */
	enum belief belief;
	bool newly_stale; /* an older copy, seen for the first time */
	uint32_t waits;   /* of this reply, not believed yet: bits 1 << enum event_kind */
	bool same_file;   /* as the recorded one: no version is looked at */
	struct index_versions known;
	struct index_look look;
	struct transitions transitions;
	const char **gone; /* crate_deleted: the versions that go with it */
	size_t n_gone;
	bool filled;              /* demands that were wanted are known now */
	char *withheld_etag;      /* owned; the reply's, when the next request is not to carry it */
	struct follow_told *told; /* owned; the events, in their order */
	size_t n_told;
};

void work_release(struct crate_work *work);

/* From the database: record, pending, known. ERR_ABSENT: not watched any more. */
MUST_CHECK int work_load(struct crate_work *work, struct err *err);

/* Fills look and transitions. ERR_BAD: the reply is worthless. */
MUST_CHECK int work_compare(struct crate_work *work, struct err *err);

/* Versions, demands, validators, and what waits. */
MUST_CHECK int work_save(struct crate_work *work, struct err *err);

/* The transitions become events and notifications. After work_save(): what they mean is asked of the new state. */
MUST_CHECK int work_record(struct crate_work *work, struct err *err);

/* What the reply says of a yank, and how long its alert waits for the web API: for the event's notes, which borrow from
 * `json`. Then, of the event that was recorded, what is kept and asked for (crate_reasons.c). */
MUST_CHECK int work_note_reason(const struct crate_work *work, const struct transition *transition, struct strbuf *json,
				struct recording_notes *notes, struct err *err);
MUST_CHECK int work_keep_reason(const struct crate_work *work, const struct transition *transition, int64_t seq,
				struct err *err);

/* Texts of index lines that are others than before. After work_record(). */
MUST_CHECK int work_follow_reasons(const struct crate_work *work, struct err *err);

/* Findings of the projects that lock it. */
MUST_CHECK int work_follow(struct crate_work *work, struct err *err);

/* The Last-Modified that names an event: of the copy that shows it, or the last one. */
int64_t work_witness(const struct crate_work *work);

/* Lines that could not be read or repeat a version, other than what was told before. */
bool work_has_new_faults(const struct crate_work *work);

/* Appends what happened, for the log; nothing when nothing did. */
void work_say(const struct crate_work *work, struct strbuf *out);
