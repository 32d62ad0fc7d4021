/* SPDX-License-Identifier: Apache-2.0 */
/*
 * drawing.h: what happened to synthetic crates, event after event, in the proportions of crates.io's own history. All
 * of it follows from the seed, the numbers of crates and of events. Knows nothing of a database.
 */
#pragma once

#include "model/event.h"
#include "model/index_path.h"

#define DRAWING_FIRST_MS INT64_C(1640995200000) /* 2022-01-01 */
#define DRAWING_HITS_MAX 3                      /* projects that one event hits */

struct drawn_registry {
	const char *name, *index_url;
	int64_t nameless; /* the row that its own events hang on; the caller's */
};

struct drawn_crate {
	int64_t id; /* the caller's; its lines follow from it */
	const struct drawn_registry *registry;
	unsigned versions; /* published so far */
	char name[CRATE_NAME_MAX + 1];
};

struct drawing {
	struct drawn_crate *crates; /* borrowed */
	uint64_t n_crates;
	uint64_t n_events;
	uint64_t state;                         /* at first the seed */
	int64_t newest_ms;                      /* when the last event was seen */
	int64_t kinds[EVENT_KINDS], late, hits; /* how many were drawn; of events that are late; of projects hit */
};

/* An event with all that it borrows, and what is said about it. One that is all zero, used again for the next. */
struct drawn_event {
	struct event event;
	struct drawn_crate *crate; /* whose; of a registry's own event one of that registry */
	char version[32], project[32], etag[40];
	unsigned char checksum[CHECKSUM_SIZE];
	const char *versions[1];
	struct strbuf line;
	struct strbuf members; /* annotations; "" = none */
	struct strbuf reason;  /* of a yank, as an object; "" = none */
	char hits[DRAWING_HITS_MAX][32];
	size_t n_hits;
};
void drawn_event_release(struct drawn_event *event);

/* The event of that seq, from 1 on without gaps. False: no memory. */
bool drawing_next(struct drawing *drawing, int64_t seq, struct drawn_event *drawn);
