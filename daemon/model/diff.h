/* SPDX-License-Identifier: Apache-2.0 */
/*
 * diff.h: what happened to a crate between what is remembered and a new look.
 * Pure: no I/O, no clock; the table of docs/EVENTS.md, in code.
 */
#pragma once

#include "model/index_file.h"
#include "model/words.h"

/* Was the crate's file there when it was last looked at? Stored: only append. */
enum crate_state { CRATE_UNKNOWN, CRATE_PRESENT, CRATE_ABSENT };

/* One thing that happened. The pointers borrow from `known` and `look`. */
struct transition {
	enum event_kind kind;
	const struct index_version *before; /* NULL when there was none */
	const struct index_version *after;  /* NULL when there is none any more */
	unsigned facets;                    /* metadata_changed: bit 1 << enum facet */
};

struct transitions {
	struct transition *items; /* owned */
	size_t count;
};

void transitions_release(struct transitions *transitions);

/*
 * The file is there. CRATE_UNKNOWN is the baseline: nothing happened. Versions
 * that no line speaks of are deleted, unless a bad line may hide them. In the
 * index's order, for one version: checksum_changed, metadata_changed, published,
 * yanked or unyanked; deletions last. ERR_NOMEM.
 */
MUST_CHECK int diff_present(enum crate_state before, const struct index_versions *known, const struct index_look *look,
			    struct transitions *ret, struct err *err);

/* The file is gone: one crate_deleted when it was present, nothing otherwise. ERR_NOMEM. */
MUST_CHECK int diff_absent(enum crate_state before, struct transitions *ret, struct err *err);
