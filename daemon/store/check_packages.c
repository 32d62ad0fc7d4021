/* SPDX-License-Identifier: Apache-2.0 */
/* check_packages.c: see check_packages.h. */
#include "store/check_packages.h"

#include "model/index_path.h"
#include "store/query_findings.h"

#include <string.h>

static const char CRATE[] = "SELECT c.id, c.state FROM crate c JOIN registry r ON r.id = c.registry"
			    " WHERE r.name = :registry AND r.configured AND c.name = :crate AND c.listed <> 0";

void check_packages_release(struct check_packages *packages)
{
	free(packages->items);
	free(packages->rows);
	*packages = (struct check_packages){0};
}

/* NULL: of none that is configured, or under a name that no registry has. */
static const char *registry_of(const struct lock *lock, const struct lock_package *package,
			       const struct lock_sources *sources)
{
	const char *registry = lock_sources_find(sources, lock, package);
	return registry && crate_name_valid(lock_text_at(lock, package->name)) ? registry : NULL;
}

static int compare_crates(const struct check_package *a, const struct check_package *b)
{
	int order = strcmp(a->registry, b->registry);
	return order ? order : strcmp(a->name, b->name);
}

bool check_package_is_of_crate(const struct check_package *a, const struct check_package *b)
{
	return compare_crates(a, b) == 0;
}

static int compare_packages(const void *a, const void *b)
{
	const struct check_package *x = a;
	const struct check_package *y = b;
	int order = compare_crates(x, y);

	if (!order)
		order = strcmp(x->version, y->version);
	return order ? order : (x->index > y->index) - (x->index < y->index);
}

static void collect(const struct lock *lock, const struct lock_sources *sources, struct check_packages *packages)
{
	for (uint32_t i = 0; i < lock->n_packages; i++) {
		const struct lock_package *package = &lock->packages[i];
		const char *registry = registry_of(lock, package, sources);
		if (registry)
			packages->items[packages->n++] = (struct check_package){
				.registry = registry,
				.name = lock_text_at(lock, package->name),
				.version = lock_text_at(lock, package->version),
				.checksum = lock_text_at(lock, package->checksum),
				.index = i,
			};
	}
	if (packages->n > 1)
		qsort(packages->items, packages->n, sizeof *packages->items, compare_packages);
}

static int find_crate(struct db *db, struct check_package *package, struct err *err)
{
	struct stmt st = stmt_use(db, CRATE);
	stmt_put_text(&st, ":registry", package->registry);
	stmt_put_text(&st, ":crate", package->name);
	if (stmt_row(&st)) {
		package->crate = stmt_int(&st, 0);
		package->state = (enum crate_state)stmt_int(&st, 1);
	}
	package->known = package->state != CRATE_UNKNOWN;
	return stmt_done(&st, err);
}

static int find_crates(struct db *db, struct check_packages *packages, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < packages->n && !rc; i++) {
		struct check_package *package = &packages->items[i];
		const struct check_package *before = i ? package - 1 : NULL;
		if (before && check_package_is_of_crate(before, package)) {
			package->crate = before->crate;
			package->state = before->state;
			package->known = before->known;
		} else {
			rc = find_crate(db, package, err);
		}
		packages->rows[package->index] = package->crate;
	}
	return rc;
}

int check_packages_load(struct db *db, const struct lock *lock, const struct lock_sources *sources,
			struct check_packages *ret, struct err *err)
{
	OWNED(check_packages_release)
	struct check_packages packages = {
		.items = calloc((size_t)lock->n_packages + 1, sizeof *packages.items),
		.rows = calloc((size_t)lock->n_packages + 1, sizeof *packages.rows),
	};

	if (!packages.items || !packages.rows)
		return err_nomem(err);
	collect(lock, sources, &packages);
	int rc = find_crates(db, &packages, err);
	if (rc)
		return rc;
	*ret = packages;
	packages = (struct check_packages){0};
	return 0;
}

static void put_package(struct json_writer *w, const struct lock *lock, const struct lock_package *package)
{
	json_open(w, NULL, '{');
	json_put_string(w, "name", lock_text_at(lock, package->name));
	json_put_string(w, "version", lock_text_at(lock, package->version));
	json_put_string(w, "origin", lock_origin_name((enum lock_origin)package->origin));
	if (package->source)
		json_put_string(w, "source", lock_text_at(lock, package->source));
	json_close(w, '}');
}

void query_put_unmatched(struct json_writer *w, const struct lock *lock, const struct lock_sources *sources)
{
	size_t n = 0;

	json_open(w, "unmatched", '[');
	for (uint32_t i = 0; i < lock->n_packages; i++) {
		const struct lock_package *package = &lock->packages[i];
		if (package->origin == LOCK_MEMBER || registry_of(lock, package, sources))
			continue;
		if (n++ < QUERY_LIMIT_MAX)
			put_package(w, lock, package);
	}
	json_close(w, ']');
	if (n > QUERY_LIMIT_MAX)
		json_put_int(w, "more_unmatched", (int64_t)n - QUERY_LIMIT_MAX);
}
