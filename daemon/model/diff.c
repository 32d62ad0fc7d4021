/* SPDX-License-Identifier: Apache-2.0 */
/* diff.c: see diff.h. */
#include "model/diff.h"

#include <string.h>

/* At most for one version: checksum, metadata and flag. */
#define TRANSITIONS_PER_VERSION 3

void transitions_release(struct transitions *transitions)
{
	free(transitions->items);
	*transitions = (struct transitions){0};
}

static int transitions_alloc(struct transitions *out, size_t count, struct err *err)
{
	out->items = calloc(count, sizeof *out->items);
	return out->items ? 0 : err_nomem(err);
}

static void push(struct transitions *out, enum event_kind kind, const struct index_version *before,
		 const struct index_version *after)
{
	out->items[out->count++] = (struct transition){.kind = kind, .before = before, .after = after};
}

/* Of a line in a format later than ours the metadata is not read. */
static bool has_facets(const struct index_version *version)
{
	for (unsigned f = 0; f < FACETS; f++)
		if (version->facets[f])
			return true;
	return false;
}

static unsigned changed_facets(const struct index_version *before, const struct index_version *after)
{
	unsigned facets = 0;

	if (!has_facets(before) || !has_facets(after))
		return 0;
	for (unsigned f = 0; f < FACETS; f++)
		if (before->facets[f] != after->facets[f])
			facets |= 1u << f;
	return facets;
}

static void diff_appeared(const struct index_version *before, const struct index_version *after,
			  struct transitions *out)
{
	push(out, EVENT_PUBLISHED, before, after);
	if (after->yanked)
		push(out, EVENT_YANKED, before, after);
}

static void diff_stayed(const struct index_version *before, const struct index_version *after, struct transitions *out)
{
	unsigned facets = changed_facets(before, after);

	if (memcmp(before->checksum, after->checksum, CHECKSUM_SIZE) != 0)
		push(out, EVENT_CHECKSUM_CHANGED, before, after);
	if (facets) {
		push(out, EVENT_METADATA_CHANGED, before, after);
		out->items[out->count - 1].facets = facets;
	}
	if (before->yanked != after->yanked)
		push(out, after->yanked ? EVENT_YANKED : EVENT_UNYANKED, before, after);
}

/* Remembered and there until now, but no line speaks of them. */
static void diff_vanished(const struct index_versions *known, const struct index_look *look,
			  const struct index_version **seen, size_t n_seen, struct transitions *out)
{
	for (size_t i = 0; i < known->count; i++) {
		const struct index_version *version = &known->items[i];
		if (!version->deleted && !look->unchanged[i].at && !index_versions_find(seen, n_seen, version))
			push(out, EVENT_VERSION_DELETED, version, NULL);
	}
}

int diff_present(enum crate_state before, const struct index_versions *known, const struct index_look *look,
		 struct transitions *ret, struct err *err)
{
	const struct index_versions *changed = &look->changed;

	if (before == CRATE_UNKNOWN)
		return 0;
	OWNED_MEM const struct index_version **remembered = index_versions_sorted(known);
	OWNED_MEM const struct index_version **seen = index_versions_sorted(changed);

	if (!remembered || !seen)
		return err_nomem(err);
	int rc = transitions_alloc(ret, 1 + changed->count * TRANSITIONS_PER_VERSION + known->count, err);
	if (rc)
		return rc;
	if (before == CRATE_ABSENT)
		push(ret, EVENT_CRATE_CREATED, NULL, NULL);
	for (size_t i = 0; i < changed->count; i++) {
		const struct index_version *after = &changed->items[i];
		const struct index_version *was = index_versions_find(remembered, known->count, after);
		if (was && !was->deleted)
			diff_stayed(was, after, ret);
		else
			diff_appeared(was, after, ret);
	}
	if (look->bad == 0)
		diff_vanished(known, look, seen, changed->count, ret);
	return 0;
}

int diff_absent(enum crate_state before, struct transitions *ret, struct err *err)
{
	int rc = transitions_alloc(ret, 1, err);

	if (!rc && before == CRATE_PRESENT)
		push(ret, EVENT_CRATE_DELETED, NULL, NULL);
	return rc;
}
