/* SPDX-License-Identifier: Apache-2.0 */
/* lock.c: see lock.h: looking at one, and loading what was stored. */
#include "model/lock_layout.h"

#include <byteswap.h>
#include <string.h>

static const char *const formats[] = {
	[LOCK_CARGO] = "cargo-lock",
	[LOCK_METADATA] = "cargo-metadata",
	[LOCK_CYCLONEDX] = "cyclonedx",
};

static const struct {
	const char *name, *prefix;
} origins[] = {
	[LOCK_MEMBER] = {"workspace", NULL}, [LOCK_REGISTRY] = {"registry", "registry+"},
	[LOCK_GIT] = {"git", "git+"},        [LOCK_PATH] = {"path", "path+"},
	[LOCK_OTHER] = {"other", NULL},
};

const char *lock_format_name(enum lock_format format)
{
	return formats[format];
}

const char *lock_origin_name(enum lock_origin origin)
{
	return origins[origin].name;
}

enum lock_origin lock_origin_of(const char *source)
{
	if (!source || !*source)
		return LOCK_MEMBER;
	for (size_t i = 0; i < ARRAY_LEN(origins); i++)
		if (origins[i].prefix && strncmp(source, origins[i].prefix, strlen(origins[i].prefix)) == 0)
			return (enum lock_origin)i;
	return strncmp(source, "sparse+", strlen("sparse+")) == 0 ? LOCK_REGISTRY : LOCK_OTHER;
}

void lock_release(struct lock *lock)
{
	free(lock->memory);
	*lock = (struct lock){0};
}

const char *lock_text_at(const struct lock *lock, lock_text text)
{
	return lock->texts + text;
}

const void *lock_bytes(const struct lock *lock, size_t *ret_len)
{
	*ret_len = lock->size;
	return lock->memory;
}

uint64_t lock_layout_size(const struct lock_header *header)
{
	return sizeof *header + (uint64_t)header->n_packages * sizeof(struct lock_package) +
	       (uint64_t)header->n_edges * sizeof(struct lock_edge) + header->n_texts;
}

void lock_layout_view(void *memory, size_t size, struct lock *ret)
{
	const struct lock_header *header = memory;
	const struct lock_package *packages = (const void *)(header + 1);
	const struct lock_edge *edges = (const void *)(packages + header->n_packages);

	*ret = (struct lock){
		.format = (enum lock_format)header->format,
		.version = header->version,
		.n_packages = header->n_packages,
		.n_edges = header->n_edges,
		.n_texts = header->n_texts,
		.packages = packages,
		.edges = edges,
		.texts = (const char *)(edges + header->n_edges),
		.memory = memory,
		.size = size,
	};
}

/* ---- loading ---- */

static void swap_words(void *memory, size_t bytes)
{
	uint32_t *words = memory;

	for (size_t i = 0; i < bytes / sizeof *words; i++)
		words[i] = bswap_32(words[i]);
}

/* Written by a machine of the other byte order: all but the texts is turned. */
static void turn(struct lock_header *header, size_t size)
{
	if (header->magic != bswap_32(LOCK_MAGIC))
		return;
	swap_words(header, sizeof *header);
	uint64_t words = lock_layout_size(header) - sizeof *header - header->n_texts;
	if (words <= size - sizeof *header)
		swap_words(header + 1, (size_t)words);
}

static bool header_is_right(const struct lock_header *header, size_t size)
{
	return header->magic == LOCK_MAGIC && header->format < LOCK_FORMATS &&
	       header->n_packages <= LOCK_PACKAGES_MAX && header->n_edges <= LOCK_EDGES_MAX && header->n_texts > 0 &&
	       lock_layout_size(header) == size;
}

/* The beginning of a text, and of no part of one. */
static bool is_text(const struct lock *lock, lock_text text)
{
	return text < lock->n_texts && (text == 0 || lock->texts[text - 1] == '\0');
}

static bool package_is_right(const struct lock *lock, const struct lock_package *package)
{
	const lock_text texts[] = {package->name, package->version, package->source, package->url, package->checksum};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (!is_text(lock, texts[i]))
			return false;
	return package->origin <= LOCK_OTHER;
}

static bool is_right(const struct lock *lock)
{
	uint64_t edges = 0;

	if (lock->texts[0] || lock->texts[lock->n_texts - 1])
		return false;
	for (uint32_t i = 0; i < lock->n_packages; i++) {
		const struct lock_package *package = &lock->packages[i];
		if (!package_is_right(lock, package) || package->edges != edges)
			return false;
		edges += package->n_edges;
	}
	for (uint32_t i = 0; i < lock->n_edges; i++)
		if (lock->edges[i].to >= lock->n_packages || !is_text(lock, lock->edges[i].requirement))
			return false;
	return edges == lock->n_edges;
}

int lock_load(const void *bytes, size_t len, struct lock *ret, struct err *err)
{
	OWNED(lock_release) struct lock lock = {0};

	if (len < sizeof(struct lock_header))
		return err_set(err, ERR_BAD, "a stored lockfile of %zu bytes: it is damaged", len);
	void *memory = malloc(len);
	if (!memory)
		return err_nomem(err);
	memcpy(memory, bytes, len);
	lock.memory = memory;
	turn(memory, len);
	if (header_is_right(memory, len)) {
		lock_layout_view(memory, len, &lock);
		if (is_right(&lock)) {
			*ret = lock;
			lock.memory = NULL;
			return 0;
		}
	}
	return err_set(err, ERR_BAD, "a stored lockfile leads nowhere: it is damaged");
}
