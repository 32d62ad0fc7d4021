/* SPDX-License-Identifier: Apache-2.0 */
/*
 * belief.h: is a reply newer than what is recorded, and what of it may be told at
 * once? Pure. An edge of a CDN may serve a copy that is minutes old; ETags are
 * content hashes and cannot tell, since an un-yank restores the old bytes. Only
 * Last-Modified tells older from newer. Source: docs/EVENTS.md.
 */
#pragma once

#include "model/words.h"

#define BELIEF_SKEW_S INT64_C(3600)                    /* a registry's clock may be that far ahead of ours */
#define BELIEF_STALE_MS (INT64_C(24) * 60 * 60 * 1000) /* the same older copy for so long is accepted */

/* How long what a stale copy would also show must stand; 0 = believed at once. Other
 * metadata waits as long as an un-yank. */
struct belief_confirm {
	int64_t unyanked_ms, deleted_ms;
};

enum belief {
	BELIEF_STALE,   /* older than recorded: says nothing, not even a yank */
	BELIEF_GUARDED, /* as old, or nobody knows: see belief_waits() */
	BELIEF_WHOLE,   /* newer: all of it counts */
};

/* Times of Last-Modified in seconds; 0 = there was none. */
enum belief belief_in(int64_t recorded, int64_t seen);

/* A server's clock cannot be behind its files: a later date is its clock's (`date`, 0 = none was given), or ours when
 * that one is wrong, too. A date in the future that were recorded would make all replies until then older ones. */
int64_t belief_clamp(int64_t last_modified, int64_t date, int64_t now);

/* Must that transition of a guarded reply, first seen `age_ms` ago, wait still? */
bool belief_waits(enum event_kind kind, int64_t age_ms, const struct belief_confirm *confirm);
