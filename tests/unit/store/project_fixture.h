/* SPDX-License-Identifier: Apache-2.0 */
/*
 * project_fixture.h: lockfiles, projects that have them, and crates as if their files had been looked at. Builds on
 * fixture.h. A lockfile is written as rows: what depends on what stands in `needs`, by places of the rows.
 */
#pragma once

#include "fixture.h"

#include "store/demands.h"
#include "store/projects.h"

#define SOURCE "sparse+" INDEX_URL
#define OTHER_URL "http://localhost/other/" /* of a registry `s`, which a test configures when it needs one */
#define SUM "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

struct row {
	const char *name, *version;
	const char *needs;       /* "1 2": places */
	const char *requirement; /* of each of these; NULL: the file does not say */
	const char *source;      /* NULL: SOURCE, but of the first row, which is the workspace's */
	const char *checksum;    /* NULL: none */
};

static inline enum lock_origin origin_of(const char *source)
{
	if (!source)
		return LOCK_MEMBER;
	return strncmp(source, "git+", 4) == 0 ? LOCK_GIT : LOCK_REGISTRY;
}

static inline void add_edges(struct lock_builder *builder, const struct row *row, uint32_t from)
{
	struct err err = {0};
	char *next;

	for (const char *at = row->needs ? row->needs : ""; *at; at = next) {
		uint32_t to = (uint32_t)strtoul(at, &next, 10);
		ok(lock_builder_edge(builder, from, to, row->requirement, &err));
	}
}

/* The caller releases it. */
static inline struct lock make_lock(const struct row *rows, size_t n)
{
	struct lock_builder *builder = lock_builder_new(LOCK_CARGO, 4);
	struct lock lock = {0};
	struct err err = {0};
	uint32_t index;

	assert_non_null(builder);
	for (size_t i = 0; i < n; i++) {
		const char *source = rows[i].source ? rows[i].source : i ? SOURCE : NULL;
		const struct lock_new_package package = {rows[i].name, rows[i].version, source, rows[i].checksum,
							 origin_of(source)};
		ok(lock_builder_package(builder, &package, &index, &err));
		assert_int_equal(index, i);
	}
	for (size_t i = 0; i < n; i++)
		add_edges(builder, &rows[i], (uint32_t)i);
	ok(lock_builder_finish(builder, &lock, &err));
	lock_builder_free(builder);
	return lock;
}
#define LOCK_OF(rows) make_lock(rows, ARRAY_LEN(rows))

static inline struct lock_sources test_sources(void)
{
	static struct lock_source sources[] = {{.registry = "r"}, {.registry = "s"}};

	if (!sources[0].url) { /* as long as the program */
		sources[0].url = lock_source_url(SOURCE);
		sources[1].url = lock_source_url("sparse+" OTHER_URL);
	}
	assert_true(sources[0].url && sources[1].url);
	return (struct lock_sources){sources, ARRAY_LEN(sources)};
}

/* Its row. `path` "" = it was sent. */
static inline int64_t put_project(struct db *db, const char *name, const char *team, const char *path,
				  const struct lock *lock)
{
	const struct lock_sources sources = test_sources();
	struct watch_changes changes[] = {{.registry = strdup("r")}, {.registry = strdup("s")}};
	const struct projects projects = {
		.db = db, .sources = &sources, .now_ms = 1000, .changes = changes, .n_registries = ARRAY_LEN(changes)};
	struct project_lockfile put = {.project = name,
				       .team = team,
				       .origin = *path ? PROJECT_CONFIGURED : PROJECT_SENT,
				       .path = path,
				       .lock = lock,
				       .fault = lock ? NULL : "line 3: cut short"};
	static unsigned char digest;
	struct project_put done;
	struct err err = {0};

	put.digest[0] = ++digest;
	ok(projects_put(&projects, &put, &done, &err));
	for (size_t i = 0; i < ARRAY_LEN(changes); i++)
		watch_changes_release(&changes[i]);
	return done.project;
}

/* Its file was looked at, and its lines were read for what they demand. `versions`: "1.0.0 1.0.1! 1.0.2-", yanked and
 * deleted ones marked; `deps`: of each of them. */
static inline void look(struct db *db, int64_t crate, const char *versions, const char *deps)
{
	OWNED_STRBUF struct strbuf body = {0};
	OWNED_STRBUF struct strbuf name = {0};
	char copy[4096];
	char *rest = NULL;
	struct err err = {0};

	(void)snprintf(copy, sizeof copy, "%s", versions);
	struct stmt st = stmt_use(db, "SELECT name FROM crate WHERE id = :crate");
	stmt_put_int(&st, ":crate", crate);
	assert_true(stmt_row(&st));
	strbuf_adds(&name, stmt_text(&st, 0));
	ok(stmt_done(&st, &err));
	ok(versions_save(db, crate, &(struct index_versions){0}, &err));
	for (char *at = strtok_r(copy, " ", &rest); at; at = strtok_r(NULL, " ", &rest)) {
		size_t len = strcspn(at, "!-");
		struct index_version version = {.vers = at, .yanked = at[len] == '!', .deleted = at[len] == '-'};
		at[len] = '\0';
		memset(version.checksum, 0xaa, sizeof version.checksum);
		add_version(db, crate, &version);
		strbuf_addf(&body, "{\"name\":\"%s\",\"vers\":\"%s\",\"deps\":[%s],\"cksum\":\"" SUM "\"}\n",
			    strbuf_str(&name), at, deps);
	}
	ok(state_crate_save(db, crate, CRATE_PRESENT, &(struct validators){0}, &(struct index_look){0}, 1000, &err));
	ok(demands_fill(db, crate, strbuf_str(&body), body.len, &err));
}

#define NEEDS(name, req) "{\"name\":\"" name "\",\"req\":\"" req "\"}"
