/* SPDX-License-Identifier: Apache-2.0 */
/*
 * subject.h: the one line that a person reads first, made of what is known when a
 * notification is rendered. Pure. The same line is an e-mail's subject and a chat's
 * heading, so it is plain words and short; the names of an attacker in it are
 * escaped by who shows it.
 */
#pragma once

#include "base/strbuf.h"
#include "model/words.h"

#define SUBJECT_MAX 160 /* bytes; what is longer is cut */

/* One event, as far as a subject tells it. */
struct subject_event {
	enum event_kind kind;
	enum severity severity;
	const char *registry;
	const char *crate;    /* "" = of the registry as a whole */
	const char *version;  /* "" = of the crate as a whole */
	const char *locked;   /* a project that locks it; NULL = none, or not known */
	size_t n_locked;      /* and how many there are */
	const char *project;  /* of kinds that are of one; NULL = of none */
	const char *sentence; /* and finding_sentence() of it; NULL = none */
};

/*
 * Appends, for one event: "[high] demo-crate 1.2.3 yanked: payments locks it"; for several, in the order of
 * seq: "[high] demo-crate: 100 versions yanked (0.1.0 to 0.9.9)", "[high] demo-crate 1.2.3: yanked, then un-yanked",
 * "[critical] 12 events of 5 crates in crates-io: 9 yanked, 3 published"; of projects' events alone: "[high] payments:
 * 3 findings opened, 1 resolved".
 */
void subject_write(struct strbuf *out, const struct subject_event *events, size_t n);
