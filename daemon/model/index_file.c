/* SPDX-License-Identifier: Apache-2.0 */
/* index_file.c: see index_file.h. */
#include "model/index_file.h"

#include <sodium.h>
#include <string.h>

/* Remembered versions, ordered by fingerprint, for one binary search a line. */
struct by_print {
	const struct index_version *version;
	size_t index;
};

struct reader {
	struct line_reader *lines;
	struct by_print *prints;
	size_t n_prints;
	struct index_look *look;
};

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

/* Notes the line at the remembered version with that fingerprint; false when there is none. */
static bool recognise(struct reader *reader, const struct index_version *like, const char *line, size_t len)
{
	const struct by_print wanted = {like, 0};

	const struct by_print *found =
		bsearch(&wanted, reader->prints, reader->n_prints, sizeof *reader->prints, compare_prints);
	if (!found || reader->look->unchanged[found->index].at)
		return false;
	reader->look->unchanged[found->index] = (struct index_span){line, len};
	return true;
}

static int read_line(struct reader *reader, const char *line, size_t len, struct err *err)
{
	struct index_look *look = reader->look;
	struct index_version seen = {0};
	struct index_version parsed = {0};

	look->lines++;
	index_line_fingerprint(reader->lines->keys, line, len, seen.fingerprint);
	index_fingerprint_chain(reader->lines->keys, look->fingerprint, seen.fingerprint);
	if (recognise(reader, &seen, line, len))
		return 0;
	int rc = index_line_parse(reader->lines, line, len, &parsed, err);
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
	memcpy(slot->fingerprint, seen.fingerprint, sizeof slot->fingerprint);
	return 0;
}

/* The next non-empty line at or after *at, which is moved behind it; false at the end. */
static bool next_line(const char **at, const char *end, struct index_span *ret)
{
	while (*at < end) {
		const char *begin = *at;
		const char *stop = memchr(begin, '\n', (size_t)(end - begin));
		size_t len = (size_t)((stop ? stop : end) - begin);
		*at = stop ? stop + 1 : end;
		if (len > 0 && begin[len - 1] == '\r')
			len--;
		*ret = (struct index_span){begin, len};
		if (len > 0)
			return true;
	}
	return false;
}

void index_file_fingerprint(const struct index_keys *keys, const char *body, size_t len,
			    unsigned char ret[static FINGERPRINT_SIZE])
{
	const char *end = body + len;
	unsigned char print[FINGERPRINT_SIZE];
	struct index_span line;

	memset(ret, 0, FINGERPRINT_SIZE);
	while (next_line(&body, end, &line)) {
		index_line_fingerprint(keys, line.at, line.len, print);
		index_fingerprint_chain(keys, ret, print);
	}
}

static int read_lines(struct reader *reader, const char *body, size_t len, struct err *err)
{
	const char *end = body + len;
	struct index_span line;
	int rc = 0;

	while (!rc && next_line(&body, end, &line))
		rc = read_line(reader, line.at, line.len, err);
	return rc;
}

/* One line of the file that says something of `vers`. */
struct mention {
	const char *vers;
	struct index_span line; /* tells which comes first in the file */
	size_t index;           /* into changed, or past it: into known */
};

static int compare_mentions(const void *a, const void *b)
{
	const struct mention *x = a;
	const struct mention *y = b;
	int order = strcmp(x->vers, y->vers);
	return order ? order : (x->line.at > y->line.at) - (x->line.at < y->line.at);
}

/* What a remembered version says, put in the place of the other line's entry. */
static void restate(struct index_version *entry, const struct index_version *known, const struct index_span *line)
{
	entry->line = line->at;
	entry->line_len = line->len;
	memcpy(entry->checksum, known->checksum, sizeof entry->checksum);
	memcpy(entry->facets, known->facets, sizeof entry->facets);
	entry->yanked |= known->yanked;
}

/*
 * Two lines with one `vers`: the first in the file counts, yanked if any says so
 * (docs/EVENTS.md). None of them is remembered by its bytes, so the next look sees both
 * again and comes to the same result. `first` may be a remembered one: its place
 * is then taken by the other's entry. Returns where the merged entry is.
 */
static size_t merge_double(struct index_look *look, const struct index_versions *known, const struct mention *first,
			   const struct mention *other)
{
	size_t n_changed = look->changed.count;
	size_t into = first->index < n_changed ? first->index : other->index;
	struct index_version *kept = &look->changed.items[into];

	look->doubled++;
	memset(kept->fingerprint, 0, sizeof kept->fingerprint);
	if (first->index >= n_changed) {
		restate(kept, &known->items[first->index - n_changed], &first->line);
		look->unchanged[first->index - n_changed].at = NULL;
	} else if (other->index >= n_changed) {
		kept->yanked |= known->items[other->index - n_changed].yanked;
		look->unchanged[other->index - n_changed].at = NULL;
	} else {
		kept->yanked |= look->changed.items[other->index].yanked;
		look->changed.items[other->index].deleted = true; /* dropped below */
	}
	return into;
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

/* Is a text there twice? Asked of every file and nearly always denied, so it costs no sort: each text is held against
 * those in its place of a table. The key keeps a file from putting all of them into one. */
static int has_double(const struct index_keys *keys, const struct mention *all, size_t n, bool *ret, struct err *err)
{
	size_t places = 2;

	while (places < 2 * n)
		places *= 2;
	OWNED_MEM const char **table = calloc(places, sizeof *table);
	if (!table)
		return err_nomem(err);
	*ret = false;
	for (size_t i = 0; i < n && !*ret; i++) {
		uint64_t hash;
		crypto_shorthash((unsigned char *)&hash, (const unsigned char *)all[i].vers, strlen(all[i].vers),
				 keys->fingerprint);
		size_t at = hash & (places - 1);
		for (; table[at] && !*ret; at = (at + 1) & (places - 1))
			*ret = strcmp(table[at], all[i].vers) == 0;
		table[at] = all[i].vers;
	}
	return 0;
}

static int merge_doubles(const struct index_keys *keys, struct index_look *look, const struct index_versions *known,
			 struct err *err)
{
	size_t n = 0;
	OWNED_MEM struct mention *all = calloc(look->changed.count + known->count + 1, sizeof *all);

	if (!all)
		return err_nomem(err);
	for (size_t i = 0; i < look->changed.count; i++) {
		const struct index_version *version = &look->changed.items[i];
		all[n++] = (struct mention){version->vers, {version->line, version->line_len}, i};
	}
	for (size_t i = 0; i < known->count; i++)
		if (look->unchanged[i].at)
			all[n++] = (struct mention){known->items[i].vers, look->unchanged[i], look->changed.count + i};
	bool doubled = false;
	int rc = has_double(keys, all, n, &doubled, err);
	if (rc || !doubled)
		return rc;
	qsort(all, n, sizeof *all, compare_mentions);
	for (size_t i = 1, first = 0; i < n; i++) {
		if (strcmp(all[i].vers, all[first].vers) == 0)
			all[first].index = merge_double(look, known, &all[first], &all[i]);
		else
			first = i;
	}
	drop_merged(&look->changed);
	return 0;
}

int index_file_look(struct line_reader *lines, const char *crate, const char *body, size_t len,
		    const struct index_versions *known, struct index_look *ret, struct err *err)
{
	OWNED(index_look_release) struct index_look look = {0};
	struct reader reader = {.lines = lines, .look = &look};

	look.unchanged = calloc(known->count + 1, sizeof *look.unchanged);
	if (!look.unchanged)
		return err_nomem(err);
	int rc = sort_prints(&reader, known, err);
	line_reader_begin(lines, crate);
	if (!rc)
		rc = read_lines(&reader, body, len, err);
	line_reader_end(lines);
	free(reader.prints);
	if (!rc && look.changed.count > 0)
		rc = merge_doubles(lines->keys, &look, known, err);
	if (rc)
		return rc;
	if (look.lines == 0)
		return err_set(err, ERR_BAD, "the file is empty");
	if (look.bad == look.lines && *body == '<')
		return err_set(err, ERR_BAD, "a web page (HTML or XML), not an index file");
	if (look.bad == look.lines) {
		*err = look.bad_err;
		err->code = ERR_BAD;
		return err_prefix(err, "no line can be read, line %zu", look.bad_line);
	}
	look.is_plain = look.bad == 0 && look.doubled == 0;
	*ret = look;
	look = (struct index_look){0};
	return 0;
}
