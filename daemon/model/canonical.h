/* SPDX-License-Identifier: Apache-2.0 */
/*
 * canonical.h: what is hashed of a facet of an index line, in one order whatever
 * the line's. A facet is a set of members (dependencies, features); each is written
 * whole, then they are sorted and each one counts once. A text has its length before
 * it, so that none can pose as two. Databases hold the digests: the bytes must not change.
 */
#pragma once

#include "base/json_scan.h"
#include "base/strbuf.h"

struct canonical_texts {
	struct text_span *items; /* owned */
	size_t count, cap;
};

/* Working memory; starts zeroed and serves facet after facet. */
struct canonical {
	struct strbuf written; /* the members, one after the other; members may add what is no text */
	struct strbuf sorted;
	struct canonical_texts members; /* each one's bytes in `written` */
	struct canonical_texts texts;   /* a list within the present member */
	size_t began;                   /* where the present member begins in `written` */
};

void canonical_release(struct canonical *canonical);

/* Room for what a line of `len` bytes may give: less work than to double again and again. */
void canonical_reserve(struct canonical *canonical, size_t len);

void canonical_begin(struct canonical *canonical); /* an empty facet */
void canonical_begin_member(struct canonical *canonical);
void canonical_add(struct canonical *canonical, const struct json_node *string);
/* All of a member, as it was written before. */
void canonical_add_written(struct canonical *canonical, const char *at, size_t len);
/* The strings of a list are taken down, and then added in order, each once. */
MUST_CHECK int canonical_take_list(struct canonical *canonical, const struct json_node *list, struct err *err);
void canonical_add_lists(struct canonical *canonical);
MUST_CHECK int canonical_end_member(struct canonical *canonical, struct err *err);
MUST_CHECK int canonical_digest(struct canonical *canonical, const unsigned char key[static 16], uint64_t *ret,
				struct err *err);

/* A facet that is one text, or none: then it is no string. */
MUST_CHECK int canonical_digest_text(struct canonical *canonical, const struct json_node *string,
				     const unsigned char key[static 16], uint64_t *ret, struct err *err);
