/* SPDX-License-Identifier: Apache-2.0 */
/*
 * meaning.h: what an event means for the projects, gathered from lists of findings and turned into its notes.
 * Internal to track/.
 */
#pragma once

#include "store/impact_load.h"
#include "track/recording.h"

/* Of the findings that are noted with one event; the others are counted. What is noted beside them has room. */
#define MEANING_BYTES_MAX (ANNOTATION_MAX - 8192)

/* A zeroed struct is empty; whoever has it releases it. */
struct meaning {
	struct strbuf findings; /* documents, with commas */
	struct strbuf members;
	size_t n_findings, more;
	struct event_project *items; /* owned, and the texts; projects, each once, the worst finding first */
	size_t n, cap;
	enum severity worst; /* of the findings */
	bool belongs;        /* some lockfile holds the crate */
};

void meaning_release(struct meaning *meaning);

/* Adds a list's findings; `state`: what is said in each as "state", NULL = nothing; only those that lock it, or all. */
MUST_CHECK int meaning_add(struct meaning *meaning, const struct impact_list *list, const char *state, bool locked_only,
			   struct err *err);

/* The notes, as far as there are any; they borrow from the meaning. `crate` NULL: nothing is said of replacements. */
MUST_CHECK int meaning_notes(struct meaning *meaning, const struct impact_crate *crate, const char *version,
			     struct recording_notes *ret, struct err *err);
