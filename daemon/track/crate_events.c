/* SPDX-License-Identifier: Apache-2.0 */
/* crate_events.c: a crate's transitions become events. See crate_work.h. */
#include "track/crate_work.h"
#include "track/recording.h"

#include <string.h>

/* What is longer would not fit into a message: better an alert without it than none. */
#define EVENT_LINE_MAX (1u << 20)     /* bytes of a line that are kept as evidence */
#define EVENT_VERSIONS_MAX (1u << 20) /* bytes of the versions that go with a crate */

static bool versions_fit(const struct crate_work *work)
{
	size_t bytes = 0;

	for (size_t i = 0; i < work->n_gone; i++)
		bytes += strlen(work->gone[i]);
	return bytes <= EVENT_VERSIONS_MAX;
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
		.severity = severity_of(transition->kind, work->record.bulk),
		.facets = transition->facets,
		.etag = present ? seen->validators.etag : work->record.etag,
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

int work_record(const struct crate_work *work, struct err *err)
{
	struct recording recording;

	int rc = work->transitions.count ? recording_begin(&recording, work->tracker, work->record.id, err) : 0;
	for (size_t i = 0; i < work->transitions.count && !rc; i++) {
		struct event event = make_event(work, &work->transitions.items[i]);
		rc = recording_add(&recording, &event, err);
	}
	return rc;
}
