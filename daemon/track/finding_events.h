/* SPDX-License-Identifier: Apache-2.0 */
/* finding_events.h: what becomes of a finding is an event of its project. Internal to track/. */
#pragma once

#include "store/finding_rows.h"
#include "store/impact_load.h"
#include "store/places.h"
#include "track/tracker.h"

/* What an event of a finding tells. */
struct finding_news {
	enum event_kind kind; /* of a project: words.h */
	const struct crate_place *place;
	const struct open_finding *finding;
	const struct impact_crate *crate; /* NULL: nothing is said of what to move to */
	const struct impact_list *list;   /* of which the project's own findings are noted; NULL = none */
	bool locked;                      /* without a list: the project still locks it */
	bool unwatched;                   /* and then, if it does not: nobody looks any more */
	const char *detail;
	int64_t now_ms;
	int64_t said_by; /* the event of this transaction that told it of the version; 0 = none */
};

/* *ret_seq: the event's. */
MUST_CHECK int finding_tell(struct tracker *tracker, const struct finding_news *news, int64_t *ret_seq,
			    struct err *err);
