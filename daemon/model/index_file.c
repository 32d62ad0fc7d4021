/* SPDX-License-Identifier: Apache-2.0 */
/* index_file.c: see index_file.h. */
#include "model/index_file.h"

#include <string.h>

/* Remembered versions, ordered by fingerprint, for one binary search a line. */
struct by_print {
	const struct index_version *version;
	size_t index;
};

struct reader {
	const struct index_keys *keys;
	const char *crate;
	struct by_print *prints;
	size_t n_prints;
	struct index_look *look;
};

void index_versions_release(struct index_versions *versions)
{
	for (size_t i = 0; i < versions->count; i++)
		index_version_release(&versions->items[i]);
	free(versions->items);
	*versions = (struct index_versions){0};
}

struct index_version *index_versions_add(struct index_versions *versions)
{
	/* Doubles at each power of two; a zeroed list has none. */
	if ((versions->count & (versions->count - 1)) == 0) {
		size_t cap = versions->count ? versions->count * 2 : 1;
		struct index_version *items = reallocarray(versions->items, cap, sizeof *items);
		if (!items)
			return NULL;
		versions->items = items;
	}
	struct index_version *added = &versions->items[versions->count++];
	*added = (struct index_version){0};
	return added;
}

void index_look_release(struct index_look *look)
{
	free(look->unchanged);
	index_versions_release(&look->changed);
	*look = (struct index_look){0};
}

static int compare_prints(const void *a, const void *b)
{
	const struct by_print *x = a;
	const struct by_print *y = b;
	return memcmp(x->version->fingerprint, y->version->fingerprint, FINGERPRINT_SIZE);
}

static bool is_remembered(const struct index_version *version)
{
	static const unsigned char none[FINGERPRINT_SIZE];
	return !version->deleted && memcmp(version->fingerprint, none, FINGERPRINT_SIZE) != 0;
}

static int sort_prints(struct reader *reader, const struct index_versions *known, struct err *err)
{
	reader->prints = calloc(known->count + 1, sizeof *reader->prints);
	if (!reader->prints)
		return err_nomem(err);
	for (size_t i = 0; i < known->count; i++)
		if (is_remembered(&known->items[i]))
			reader->prints[reader->n_prints++] = (struct by_print){&known->items[i], i};
	qsort(reader->prints, reader->n_prints, sizeof *reader->prints, compare_prints);
	return 0;
}

/* Sets the flag of the remembered version with that line; false when there is none. */
static bool recognise(struct reader *reader, const char *line, size_t len)
{
	struct index_version key = {0};
	const struct by_print wanted = {&key, 0};

	index_line_fingerprint(reader->keys, line, len, key.fingerprint);
	const struct by_print *found =
		bsearch(&wanted, reader->prints, reader->n_prints, sizeof *reader->prints, compare_prints);
	if (!found || reader->look->unchanged[found->index])
		return false;
	reader->look->unchanged[found->index] = true;
	return true;
}

static int read_line(struct reader *reader, const char *line, size_t len, struct err *err)
{
	struct index_look *look = reader->look;
	struct index_version parsed = {0};

	look->lines++;
	if (recognise(reader, line, len))
		return 0;
	int rc = index_line_parse(reader->keys, reader->crate, line, len, &parsed, err);
	if (rc == ERR_NOMEM)
		return rc;
	if (rc) {
		if (look->bad++ == 0) {
			look->bad_line = look->lines;
			look->bad_err = *err;
		}
		return 0;
	}
	struct index_version *slot = index_versions_add(&look->changed);
	if (!slot) {
		index_version_release(&parsed);
		return err_nomem(err);
	}
	*slot = parsed;
	return 0;
}

static int read_lines(struct reader *reader, const char *body, size_t len, struct err *err)
{
	const char *end = body + len;

	while (body < end) {
		const char *stop = memchr(body, '\n', (size_t)(end - body));
		size_t n = (size_t)((stop ? stop : end) - body);
		if (n > 0 && body[n - 1] == '\r')
			n--;
		int rc = n > 0 ? read_line(reader, body, n, err) : 0;
		if (rc)
			return rc;
		body = stop ? stop + 1 : end;
	}
	return 0;
}

struct by_vers {
	const char *vers;
	size_t index; /* into changed, or past it: into known */
};

static int compare_vers(const void *a, const void *b)
{
	const struct by_vers *x = a;
	const struct by_vers *y = b;
	int order = strcmp(x->vers, y->vers);
	return order ? order : (x->index > y->index) - (x->index < y->index);
}

/* A double's flag counts when it says yanked, and none of its lines is remembered. */
static void merge_double(struct index_look *look, const struct index_versions *known, size_t into, size_t from)
{
	size_t n_changed = look->changed.count;
	struct index_version *kept = &look->changed.items[into];

	look->doubled++;
	memset(kept->fingerprint, 0, sizeof kept->fingerprint);
	if (from < n_changed) {
		kept->yanked |= look->changed.items[from].yanked;
		look->changed.items[from].deleted = true; /* dropped below */
	} else {
		kept->yanked |= known->items[from - n_changed].yanked;
		look->unchanged[from - n_changed] = false;
	}
}

static void drop_merged(struct index_versions *changed)
{
	size_t kept = 0;

	for (size_t i = 0; i < changed->count; i++) {
		if (changed->items[i].deleted)
			index_version_release(&changed->items[i]);
		else
			changed->items[kept++] = changed->items[i];
	}
	changed->count = kept;
}

/* rules.md: of two lines with one `vers` the version is yanked if any says so. */
static int merge_doubles(struct index_look *look, const struct index_versions *known, struct err *err)
{
	size_t n = 0;
	OWNED_MEM struct by_vers *all = calloc(look->changed.count + known->count + 1, sizeof *all);

	if (!all)
		return err_nomem(err);
	for (size_t i = 0; i < look->changed.count; i++)
		all[n++] = (struct by_vers){look->changed.items[i].vers, i};
	for (size_t i = 0; i < known->count; i++)
		if (look->unchanged[i])
			all[n++] = (struct by_vers){known->items[i].vers, look->changed.count + i};
	qsort(all, n, sizeof *all, compare_vers);
	for (size_t i = 1, first = 0; i < n; i++) {
		if (strcmp(all[i].vers, all[first].vers) == 0)
			merge_double(look, known, all[first].index, all[i].index);
		else
			first = i;
	}
	/* The list keeps its allocation scheme: it only ever grows by add(). */
	drop_merged(&look->changed);
	return 0;
}

int index_file_look(const struct index_keys *keys, const char *crate, const char *body, size_t len,
		    const struct index_versions *known, struct index_look *ret, struct err *err)
{
	OWNED(index_look_release) struct index_look look = {0};
	struct reader reader = {.keys = keys, .crate = crate, .look = &look};

	look.unchanged = calloc(known->count + 1, sizeof *look.unchanged);
	if (!look.unchanged)
		return err_nomem(err);
	int rc = sort_prints(&reader, known, err);
	if (!rc)
		rc = read_lines(&reader, body, len, err);
	free(reader.prints);
	if (!rc && look.changed.count > 0)
		rc = merge_doubles(&look, known, err);
	if (rc)
		return rc;
	if (look.lines == 0)
		return err_set(err, ERR_BAD, "the file is empty");
	if (look.bad == look.lines) {
		*err = look.bad_err;
		return err_prefix(err, "no line can be read, line %zu", look.bad_line);
	}
	*ret = look;
	look = (struct index_look){0};
	return 0;
}
