/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watch_changes.h: which watches of one registry come and go, on their way from the
 * tracker to the poller. Plain data in two blocks of memory, however many they are,
 * so that hundreds of thousands are made by one thread and taken in by another at
 * little cost.
 */
#pragma once

#include "base/strbuf.h"
#include "model/diff.h"

struct watch_change {
	uint32_t crate; /* offsets of texts */
	uint32_t etag;  /* for the next request; 0 = none */
	uint8_t state;  /* enum crate_state */
	bool pending;   /* something waits for confirmation */
	bool unparsed;  /* its file has lines that are bad or repeat a version */
	bool spare;     /* for checks alone: others go first. One that was and is afresh without it is no more */
	bool removed;   /* it is not watched any more */
	bool afresh;    /* it is watched already, and is to be looked at now, whole; the others are new */
};

/* A zeroed struct is empty; whoever has it releases it. */
struct watch_changes {
	char *registry;             /* owned */
	struct strbuf texts;        /* each with its NUL */
	struct watch_change *items; /* owned */
	size_t count, cap;
};

/* False: out of memory. `etag` may be NULL; the texts are copied. */
MUST_CHECK bool watch_changes_add(struct watch_changes *changes, const char *crate, enum crate_state state,
				  bool pending, bool unparsed, const char *etag);
void watch_changes_set_spare(struct watch_changes *changes); /* the last one that was told */
MUST_CHECK bool watch_changes_remove(struct watch_changes *changes, const char *crate);
MUST_CHECK bool watch_changes_afresh(struct watch_changes *changes, const char *crate);

void watch_changes_sort(struct watch_changes *changes); /* by crate, as the poller wants it */

const char *watch_changes_crate(const struct watch_changes *changes, size_t i);
const char *watch_changes_etag(const struct watch_changes *changes, size_t i); /* NULL = none */

void watch_changes_release(struct watch_changes *changes);
