/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lock_build.c: a lock is made: packages and edges are gathered in any order, then laid out
 * in one piece. What a package may be called is decided here, for each format alike.
 */
#include "base/numbers.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "model/index_line.h"
#include "model/index_path.h"
#include "model/lock_layout.h"
#include "model/lock_sources.h"

#include <ctype.h>
#include <string.h>

#define CHECKSUM_DIGITS ((size_t)2 * CHECKSUM_SIZE)
#define SHOWN_MAX 100 /* bytes of a text in an error */

struct new_edge {
	uint32_t from, to;
	lock_text requirement;
	uint32_t order; /* of adding */
};

struct lock_builder {
	enum lock_format format;
	uint32_t version;
	struct strbuf texts;
	struct lock_package *packages;
	uint32_t n_packages, packages_cap;
	struct new_edge *edges;
	uint32_t n_edges, edges_cap;
	lock_text source;      /* of the package before: most have the same */
	lock_text url_of, url; /* of the last registry's source; url 0: none yet */
};

struct lock_builder *lock_builder_new(enum lock_format format, uint32_t version)
{
	struct lock_builder *builder = calloc(1, sizeof *builder);

	if (!builder)
		return NULL;
	*builder = (struct lock_builder){.format = format, .version = version, .texts.limit = LOCK_TEXTS_MAX};
	strbuf_addc(&builder->texts, '\0');
	return builder;
}

void lock_builder_free(struct lock_builder *builder)
{
	if (!builder)
		return;
	strbuf_release(&builder->texts);
	free(builder->packages);
	free(builder->edges);
	free(builder);
}

/* Room for one more of `*count`; `max` of them at most. */
static int grow(void **items, size_t size, uint32_t count, uint32_t *cap, uint32_t max, struct err *err)
{
	uint32_t more = *cap ? *cap * 2 : 256;

	if (count >= max)
		return err_set(err, ERR_LIMIT, "more than %u packages or dependencies", max);
	if (count < *cap)
		return 0;
	void *grown = reallocarray(*items, more, size);
	if (!grown)
		return err_nomem(err);
	*items = grown;
	*cap = more;
	return 0;
}

static lock_text add_text(struct lock_builder *builder, const char *text)
{
	size_t at = builder->texts.len;

	if (!text || !*text)
		return 0;
	strbuf_add(&builder->texts, text, strlen(text) + 1);
	return (lock_text)at;
}

static int texts_fault(const struct lock_builder *builder, struct err *err)
{
	if (builder->texts.len + LOCK_SOURCE_MAX > LOCK_TEXTS_MAX)
		return err_set(err, ERR_LIMIT, "more than %u bytes of names and sources", LOCK_TEXTS_MAX);
	return err_nomem(err);
}

/* ---- what a package may be ---- */

static int check_text(const char *what, const char *text, size_t max, struct err *err)
{
	char shown[SHOWN_MAX];

	if (!text)
		return 0;
	if (strlen(text) > max)
		return err_set(err, ERR_LIMIT, "the %s \"%s\" is longer than %zu bytes", what,
			       text_safe(text, shown, sizeof shown), max);
	for (const char *p = text; *p; p++)
		if (iscntrl((unsigned char)*p))
			return err_set(err, ERR_BAD, "the %s \"%s\" holds control bytes", what,
				       text_safe(text, shown, sizeof shown));
	return 0;
}

/* A name that comes from a registry becomes a part of URLs. */
static int check_name(const struct lock_new_package *package, struct err *err)
{
	char shown[SHOWN_MAX];

	if (!package->name || !*package->name)
		return err_set(err, ERR_BAD, "a package without a name");
	if (!package->version || !*package->version)
		return err_set(err, ERR_BAD, "the package \"%s\" has no version",
			       text_safe(package->name, shown, sizeof shown));
	if (package->origin == LOCK_REGISTRY && !crate_name_valid(package->name))
		return err_set(err, ERR_BAD, "\"%s\" " CRATE_NAME_FAULT, text_safe(package->name, shown, sizeof shown));
	return 0;
}

static int check_checksum(const char *checksum, struct err *err)
{
	unsigned char bytes[CHECKSUM_SIZE];
	char shown[SHOWN_MAX];

	if (!checksum || (strlen(checksum) == CHECKSUM_DIGITS && hex_decode(checksum, CHECKSUM_SIZE, bytes)))
		return 0;
	return err_set(err, ERR_BAD, "the checksum \"%s\" is not %zu hexadecimal digits",
		       text_safe(checksum, shown, sizeof shown), CHECKSUM_DIGITS);
}

static int check_package(const struct lock_new_package *package, struct err *err)
{
	int rc = check_name(package, err);
	if (!rc)
		rc = check_text("name", package->name, LOCK_NAME_MAX, err);
	if (!rc)
		rc = check_text("version", package->version, LOCK_VERSION_MAX, err);
	if (!rc)
		rc = check_text("source", package->source, LOCK_SOURCE_MAX, err);
	return rc ? rc : check_checksum(package->checksum, err);
}

/* ---- gathering ---- */

static lock_text add_checksum(struct lock_builder *builder, const char *checksum)
{
	lock_text text = add_text(builder, checksum);

	for (size_t i = text; text && i < builder->texts.len; i++)
		builder->texts.data[i] = (char)tolower((unsigned char)builder->texts.data[i]);
	return text;
}

static int add_url(struct lock_builder *builder, lock_text source, lock_text *ret, struct err *err)
{
	if (!builder->url || builder->url_of != source) {
		OWNED_MEM char *url = source ? lock_source_url(builder->texts.data + source) : strdup(LOCK_CRATES_IO);
		if (!url)
			return err_nomem(err);
		builder->url_of = source;
		builder->url = add_text(builder, url);
	}
	*ret = builder->url;
	return 0;
}

static int add_source(struct lock_builder *builder, const struct lock_new_package *new, struct lock_package *package,
		      struct err *err)
{
	if (strcmp(builder->texts.data + builder->source, new->source ? new->source : "") != 0)
		builder->source = add_text(builder, new->source);
	if (strbuf_failed(&builder->texts))
		return texts_fault(builder, err);
	package->source = builder->source;
	return new->origin == LOCK_REGISTRY ? add_url(builder, package->source, &package->url, err) : 0;
}

int lock_builder_package(struct lock_builder *builder, const struct lock_new_package *new, uint32_t *ret_index,
			 struct err *err)
{
	struct lock_package package = {.origin = new->origin};

	int rc = check_package(new, err);
	if (!rc)
		rc = grow((void **)&builder->packages, sizeof *builder->packages, builder->n_packages,
			  &builder->packages_cap, LOCK_PACKAGES_MAX, err);
	if (rc)
		return rc;
	package.name = add_text(builder, new->name);
	package.version = add_text(builder, new->version);
	package.checksum = add_checksum(builder, new->checksum);
	rc = add_source(builder, new, &package, err);
	if (rc)
		return rc;
	if (strbuf_failed(&builder->texts))
		return texts_fault(builder, err);
	*ret_index = builder->n_packages;
	builder->packages[builder->n_packages++] = package;
	return 0;
}

int lock_builder_edge(struct lock_builder *builder, uint32_t from, uint32_t to, const char *requirement,
		      struct err *err)
{
	int rc = check_text("requirement", requirement, LOCK_REQUIREMENT_MAX, err);
	if (!rc)
		rc = grow((void **)&builder->edges, sizeof *builder->edges, builder->n_edges, &builder->edges_cap,
			  LOCK_EDGES_MAX, err);
	if (rc)
		return rc;
	lock_text text = add_text(builder, requirement);
	if (strbuf_failed(&builder->texts))
		return texts_fault(builder, err);
	builder->edges[builder->n_edges] = (struct new_edge){from, to, text, builder->n_edges};
	builder->n_edges++;
	return 0;
}

/* ---- laying it out ---- */

static int compare_numbers(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

/* Without the order: are they doubles? */
static int compare_meanings(const struct new_edge *a, const struct new_edge *b, const char *texts)
{
	int order = compare_numbers(a->from, b->from);
	if (!order)
		order = compare_numbers(a->to, b->to);
	return order ? order : strcmp(texts + a->requirement, texts + b->requirement);
}

static int compare_doubles(const void *a, const void *b, void *texts)
{
	const struct new_edge *x = a;
	const struct new_edge *y = b;
	int order = compare_meanings(x, y, texts);
	return order ? order : compare_numbers(x->order, y->order);
}

static int compare_places(const void *a, const void *b)
{
	const struct new_edge *x = a;
	const struct new_edge *y = b;
	int order = compare_numbers(x->from, y->from);
	return order ? order : compare_numbers(x->order, y->order);
}

/* Of doubles the first one stays, and the order is that of adding. */
static void sort_edges(struct lock_builder *builder)
{
	struct new_edge *edges = builder->edges;
	uint32_t kept = 0;

	if (builder->n_edges == 0)
		return;
	qsort_r(edges, builder->n_edges, sizeof *edges, compare_doubles, builder->texts.data);
	for (uint32_t i = 1; i < builder->n_edges; i++)
		if (compare_meanings(&edges[kept], &edges[i], builder->texts.data) != 0)
			edges[++kept] = edges[i];
	builder->n_edges = kept + 1;
	qsort(edges, builder->n_edges, sizeof *edges, compare_places);
}

static void number_edges(struct lock_builder *builder)
{
	uint32_t edge = 0;

	for (uint32_t i = 0; i < builder->n_packages; i++) {
		struct lock_package *package = &builder->packages[i];
		package->edges = edge;
		while (edge < builder->n_edges && builder->edges[edge].from == i)
			edge++;
		package->n_edges = edge - package->edges;
	}
}

static void *put(void *to, const void *bytes, size_t len)
{
	if (len > 0)
		memcpy(to, bytes, len);
	return (char *)to + len;
}

int lock_builder_finish(struct lock_builder *builder, struct lock *ret, struct err *err)
{
	if (strbuf_failed(&builder->texts))
		return texts_fault(builder, err);
	sort_edges(builder);
	number_edges(builder);
	struct lock_header header = {
		.magic = LOCK_MAGIC,
		.format = builder->format,
		.version = builder->version,
		.n_packages = builder->n_packages,
		.n_edges = builder->n_edges,
		.n_texts = (uint32_t)builder->texts.len,
	};
	size_t size = (size_t)lock_layout_size(&header);
	void *memory = malloc(size);
	if (!memory)
		return err_nomem(err);
	void *to = put(memory, &header, sizeof header);
	to = put(to, builder->packages, builder->n_packages * sizeof *builder->packages);
	for (uint32_t i = 0; i < builder->n_edges; i++) {
		struct lock_edge edge = {builder->edges[i].to, builder->edges[i].requirement};
		to = put(to, &edge, sizeof edge);
	}
	(void)put(to, builder->texts.data, builder->texts.len);
	lock_layout_view(memory, size, ret);
	return 0;
}
