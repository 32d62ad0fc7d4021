/* SPDX-License-Identifier: Apache-2.0 */
/*
 * answer.c: what yankwatch says of a bad version and a lockfile, for tests/integration/test_cargo_resolution.py:
 *   yankwatch-test-impact LOCKFILE CRATE VERSION
 * Standard input says what the registry has, a line each, with tabs between:
 *   "version 1.2.3 usable", "version 1.2.4 yanked"   of the crate
 *   "demands NAME VERSION REQUIREMENT"               an entry of that package's index line for the crate
 * The answer is one JSON object.
 */
#include "base/json.h"
#include "model/impact.h"
#include "model/lock_read.h"

#include <stdio.h>
#include <string.h>

#define ROWS_MAX 4096
#define TOLD_MAX 65536
#define INPUT_MAX (1u << 20)

struct entry {
	const char *package, *version, *requirement;
};

struct registry {
	struct impact_version versions[ROWS_MAX];
	struct entry entries[ROWS_MAX];
	const char *told[TOLD_MAX]; /* answers of tell_demands(), one behind the other */
	size_t n_versions, n_entries, n_told;
	char input[INPUT_MAX + 1];
	struct lock lock;
};

static bool tell_demands(void *ctx, uint32_t package, const char *const **ret_requirements, size_t *ret_n)
{
	struct registry *registry = ctx;
	const struct lock *lock = &registry->lock;
	const char **told = &registry->told[registry->n_told];
	size_t n = 0;

	for (size_t i = 0; i < registry->n_entries && registry->n_told < TOLD_MAX; i++) {
		const struct entry *it = &registry->entries[i];
		if (strcmp(it->package, lock_text_at(lock, lock->packages[package].name)) != 0 ||
		    strcmp(it->version, lock_text_at(lock, lock->packages[package].version)) != 0)
			continue;
		told[n++] = it->requirement;
		registry->n_told++;
	}
	*ret_requirements = told;
	*ret_n = n;
	return n > 0;
}

static void read_line(struct registry *registry, char *line)
{
	const char *what = strsep(&line, "\t");
	const char *first = strsep(&line, "\t");
	const char *second = strsep(&line, "\t");
	const char *third = strsep(&line, "\t");

	if (second && strcmp(what, "version") == 0 && registry->n_versions < ROWS_MAX)
		registry->versions[registry->n_versions++] =
			(struct impact_version){first, strcmp(second, "usable") == 0};
	else if (third && registry->n_entries < ROWS_MAX)
		registry->entries[registry->n_entries++] = (struct entry){first, second, third};
}

static void read_registry(struct registry *registry)
{
	char *rest = registry->input;

	registry->input[fread(registry->input, 1, INPUT_MAX, stdin)] = '\0';
	for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n"))
		read_line(registry, line);
}

static int read_lock(const char *path, struct lock *ret, struct err *err)
{
	OWNED_MEM char *text = malloc(LOCK_FILE_MAX);
	FILE *file = fopen(path, "re");

	if (!text || !file)
		return err_errno(err, "%s", path);
	size_t len = fread(text, 1, LOCK_FILE_MAX, file);
	fclose(file);
	return lock_read(text, len, ret, err);
}

static void put_impact(struct json_writer *w, const struct impact *impact, const struct lock *lock)
{
	json_open(w, NULL, '{');
	json_put_bool(w, "hits", impact->hits);
	json_put_bool(w, "locked", impact->locked);
	json_put_bool(w, "assumed", impact->assumed);
	json_put_bool(w, "splits", impact->splits);
	if (impact->would_pick)
		json_put_string(w, "would_pick", impact->would_pick);
	json_open(w, "demands", '[');
	for (size_t i = 0; i < impact->n_demands; i++) {
		json_open(w, NULL, '{');
		json_put_string(w, "requirement", impact->demands[i].requirement);
		json_put_bool(w, "assumed", impact->demands[i].assumed);
		if (impact->demands[i].pick)
			json_put_string(w, "pick", impact->demands[i].pick);
		json_close(w, '}');
	}
	json_close(w, ']');
	json_open(w, "path", '[');
	for (size_t i = 0; i < impact->n_path; i++)
		json_put_string(w, NULL, lock_text_at(lock, lock->packages[impact->path[i]].name));
	json_close(w, ']');
	json_close(w, '}');
}

static int answer(struct registry *registry, const char *crate, const char *version, struct err *err)
{
	const struct lock *lock = &registry->lock;
	OWNED(impact_release) struct impact impact = {0};
	OWNED_STRBUF struct strbuf out = {0};
	struct json_writer w = {.out = &out};

	OWNED_MEM bool *is_crate = calloc(lock->n_packages + 1, sizeof *is_crate);
	for (uint32_t i = 0; is_crate && i < lock->n_packages; i++)
		is_crate[i] = lock->packages[i].origin == LOCK_REGISTRY &&
			      strcmp(lock_text_at(lock, lock->packages[i].name), crate) == 0;
	const struct impact_question question = {
		.lock = lock,
		.is_crate = is_crate,
		.version = version,
		.versions = registry->versions,
		.n_versions = registry->n_versions,
		.demands = tell_demands,
		.ctx = registry,
	};
	int rc = is_crate ? impact_find(&question, &impact, err) : err_nomem(err);
	if (rc < 0)
		return rc;
	put_impact(&w, &impact, lock);
	puts(strbuf_str(&out));
	return 0;
}

int main(int argc, char **argv)
{
	static struct registry registry;
	struct err err;

	if (argc != 4)
		return 2;
	read_registry(&registry);
	int rc = read_lock(argv[1], &registry.lock, &err);
	if (rc == 0)
		rc = answer(&registry, argv[2], argv[3], &err);
	if (rc < 0)
		fprintf(stderr, "%s\n", err.text);
	lock_release(&registry.lock);
	return rc < 0 ? 1 : 0;
}
