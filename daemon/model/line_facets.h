/* SPDX-License-Identifier: Apache-2.0 */
/*
 * line_facets.h: the metadata of a line, each facet written out in one canonical order and
 * hashed. What stands in the line before byte for byte is taken over from it. Internal to
 * index_line.c.
 */
#pragma once

#include "model/index_line.h"
#include "model/line_members.h"

/* What the scan of the next line may pass over. */
void line_facets_know(struct line_reader *reader);

/* Both tables of features are digested together: was one passed over, or some of it, and the other was not? Then the
 * line is to be scanned again, without what is known of features. */
bool line_lacks_features(const struct line_reader *reader, const struct json_node *const *members);

/* Fills version->facets, and remembers the line for the next one. ERR_BAD, ERR_NOMEM. */
MUST_CHECK int line_digest_facets(struct line_reader *reader, const struct json_node *const *members,
				  struct index_version *version, struct err *err);
