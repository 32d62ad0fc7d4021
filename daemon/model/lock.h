/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lock.h: what a project's lockfile says: its packages and who depends on whom, the same for each format that it may
 * come in. One piece of memory without pointers inside (texts are offsets), so that it is stored and read back as it
 * is. Pure. Made by lock_read.h; facts: the Cargo book, "Cargo.lock", `cargo metadata` and CycloneDX 1.3 to 1.6.
 */
#pragma once

#include "base/err.h"

#define LOCK_PACKAGES_MAX 100000
#define LOCK_EDGES_MAX 2000000
#define LOCK_TEXTS_MAX (64u << 20) /* bytes */
#define LOCK_NAME_MAX 255          /* bytes; of a package from a registry: index_path.h */
#define LOCK_VERSION_MAX 255
#define LOCK_REQUIREMENT_MAX 1024
#define LOCK_SOURCE_MAX 4096

/* Stored: only append. */
enum lock_format { LOCK_CARGO, LOCK_METADATA, LOCK_CYCLONEDX, LOCK_FORMATS };
const char *lock_format_name(enum lock_format format); /* "cargo-lock", "cargo-metadata", "cyclonedx" */

/* Where a package comes from. Stored: only append. */
enum lock_origin {
	LOCK_MEMBER, /* of the workspace: no source at all */
	LOCK_REGISTRY,
	LOCK_GIT,
	LOCK_PATH,
	LOCK_OTHER, /* of a kind that nobody knows */
};
/* By the prefix of a package's source; NULL and "": of the workspace. */
enum lock_origin lock_origin_of(const char *source);
const char *lock_origin_name(enum lock_origin origin); /* "workspace", "registry", "git", "path", "other" */

typedef uint32_t lock_text; /* offset of a text; 0 = "" */

struct lock_package {
	lock_text name, version;
	lock_text source;   /* as the file spells it; "" = none */
	lock_text url;      /* LOCK_REGISTRY: lock_source_url() of it */
	lock_text checksum; /* hex; "" = none */
	uint32_t origin;    /* enum lock_origin */
	uint32_t edges;     /* its first one in `edges`; they stand together */
	uint32_t n_edges;
};

struct lock_edge {
	uint32_t to;           /* a package */
	lock_text requirement; /* "" = the file does not say */
};

struct lock {
	enum lock_format format;
	uint32_t version; /* of Cargo.lock: 1 to 4; of the others 0 */
	uint32_t n_packages, n_edges, n_texts;
	const struct lock_package *packages; /* as the three below it: inside `memory` */
	const struct lock_edge *edges;
	const char *texts; /* n_texts bytes, the first and the last are 0 */
	void *memory;      /* owned */
	size_t size;       /* of memory */
};

void lock_release(struct lock *lock);
const char *lock_text_at(const struct lock *lock, lock_text text);

/* The bytes for lock_load(); they are lock->memory itself, in this machine's order: lock_load() turns another one's. */
const void *lock_bytes(const struct lock *lock, size_t *ret_len);
/* Checks all of it: ERR_BAD when any offset or index leads nowhere. Copies. The caller releases *ret. */
MUST_CHECK int lock_load(const void *bytes, size_t len, struct lock *ret, struct err *err);

/* ---- making one ---- */

struct lock_builder;

/* NULL: out of memory. */
struct lock_builder *lock_builder_new(enum lock_format format, uint32_t version);
void lock_builder_free(struct lock_builder *builder); /* NULL is allowed */

struct lock_new_package { /* texts are copied; NULL = none */
	const char *name, *version, *source, *checksum;
	enum lock_origin origin; /* LOCK_REGISTRY without a source: crates.io */
};
/* Numbers them from 0. ERR_BAD: no name, no checksum, control bytes. ERR_LIMIT, ERR_NOMEM. */
MUST_CHECK int lock_builder_package(struct lock_builder *builder, const struct lock_new_package *package,
				    uint32_t *ret_index, struct err *err);
/* In any order; doubles are dropped, but two requirements of the same two packages both stay. */
MUST_CHECK int lock_builder_edge(struct lock_builder *builder, uint32_t from, uint32_t to, const char *requirement,
				 struct err *err);
/* The caller releases *ret; the builder is still to be freed. */
MUST_CHECK int lock_builder_finish(struct lock_builder *builder, struct lock *ret, struct err *err);
