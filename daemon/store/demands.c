/* SPDX-License-Identifier: Apache-2.0 */
/* demands.c: see demands.h. */
#include "store/demands.h"

#include "model/line_dependencies.h"

#include <string.h>

#define NOT_TO_BE_HAD "null"

static const char FIND[] = "SELECT list FROM demands WHERE crate = :crate AND version = :version";
static const char WANT[] = "INSERT INTO demands (crate, version) VALUES (:crate, :version)";
static const char CHANGED[] =
	"UPDATE demands SET list = NULL WHERE crate = :crate AND version = :version AND list IS NOT NULL";
static const char WANTED[] = "SELECT version FROM demands WHERE crate = :crate AND list IS NULL ORDER BY version";
static const char ANY_WANTED[] = "SELECT 1 FROM demands WHERE list IS NULL LIMIT 1";
static const char FILL[] = "UPDATE demands SET list = :list WHERE crate = :crate AND version = :version";
static const char FILL_REST[] = "UPDATE demands SET list = '" NOT_TO_BE_HAD "' WHERE crate = :crate AND list IS NULL";
static const char NAME[] = "SELECT name FROM crate WHERE id = :crate";

static struct stmt use_of_version(struct db *db, const char *sql, int64_t crate, const char *version)
{
	struct stmt st = stmt_use(db, sql);

	stmt_put_int(&st, ":crate", crate);
	stmt_put_text(&st, ":version", version);
	return st;
}

int demands_want(struct db *db, int64_t crate, const char *version, bool *ret_new, struct err *err)
{
	struct stmt st = use_of_version(db, FIND, crate, version);
	bool there = stmt_row(&st);
	int rc = stmt_done(&st, err);

	if (!rc && !there) {
		st = use_of_version(db, WANT, crate, version);
		rc = stmt_run(&st, err);
	}
	if (!rc)
		*ret_new = !there;
	return rc;
}

int demands_are_wanted(struct db *db, int64_t crate, bool *ret, struct err *err)
{
	struct stmt st = stmt_use(db, WANTED);
	stmt_put_int(&st, ":crate", crate);
	bool wanted = stmt_row(&st);
	int rc = stmt_done(&st, err);
	if (!rc)
		*ret = wanted;
	return rc;
}

int demands_any_wanted(struct db *db, bool *ret, struct err *err)
{
	struct stmt st = stmt_use(db, ANY_WANTED);
	bool wanted = stmt_row(&st);
	int rc = stmt_done(&st, err);
	if (!rc)
		*ret = wanted;
	return rc;
}

int demands_changed(struct db *db, int64_t crate, const char *version, struct err *err)
{
	struct stmt st = use_of_version(db, CHANGED, crate, version);
	return stmt_run(&st, err);
}

int demands_load(struct db *db, int64_t crate, const char *version, cJSON **ret, bool *ret_wanted, struct err *err)
{
	OWNED_MEM char *list = NULL;
	OWNED_JSON cJSON *value = NULL;
	size_t len = 0;

	struct stmt st = use_of_version(db, FIND, crate, version);
	bool there = stmt_row(&st);
	if (there)
		list = stmt_blob_copy(&st, 0, &len);
	int rc = stmt_done(&st, err);
	if (!rc && list)
		rc = json_parse(list, len, &value, err);
	if (rc)
		return rc;
	*ret_wanted = there && !list;
	*ret = cJSON_IsArray(value) ? TAKE(value) : NULL;
	return 0;
}

/* ---- from the crate's file ---- */

struct wanted {
	char *version; /* owned */
	bool is_filled;
};

struct filling {
	struct db *db;
	int64_t crate;
	char *name;            /* owned */
	struct wanted *wanted; /* owned, in the order of their texts */
	size_t n, cap, n_filled;
	struct line_dependencies line;
	struct strbuf list;
};

static void filling_release(struct filling *filling)
{
	for (size_t i = 0; i < filling->n; i++)
		free(filling->wanted[i].version);
	free(filling->wanted);
	free(filling->name);
	line_dependencies_release(&filling->line);
	strbuf_release(&filling->list);
}

static int load_name(struct filling *filling, struct err *err)
{
	struct stmt st = stmt_use(filling->db, NAME);
	stmt_put_int(&st, ":crate", filling->crate);
	if (stmt_row(&st))
		filling->name = stmt_text_copy(&st, 0);
	int rc = stmt_done(&st, err);
	if (!rc && !filling->name)
		rc = err_set(err, ERR_ABSENT, "no such crate");
	return rc;
}

static int load_wanted(struct filling *filling, struct err *err)
{
	struct stmt st = stmt_use(filling->db, WANTED);
	stmt_put_int(&st, ":crate", filling->crate);
	while (stmt_row(&st)) {
		if (filling->n == filling->cap) {
			size_t cap = filling->cap ? filling->cap * 2 : 16;
			struct wanted *items = reallocarray(filling->wanted, cap, sizeof *items);
			if (!items) {
				st.code = SQLITE_NOMEM;
				break;
			}
			filling->wanted = items;
			filling->cap = cap;
		}
		filling->wanted[filling->n++] = (struct wanted){stmt_text_copy(&st, 0), false};
	}
	return stmt_done(&st, err);
}

static int compare_wanted(const void *key, const void *item)
{
	const struct text_span *version = key;
	const struct wanted *wanted = item;
	return text_span_compare(*version, (struct text_span){wanted->version, strlen(wanted->version)});
}

static struct wanted *find_wanted(const struct filling *filling, struct text_span version)
{
	return bsearch(&version, filling->wanted, filling->n, sizeof *filling->wanted, compare_wanted);
}

/* The writer wants texts that end. */
static int put_span(struct json_writer *w, struct text_span text, struct err *err)
{
	OWNED_MEM char *copy = strndup(text.at, text.len);

	if (!copy)
		return err_nomem(err);
	json_put_string(w, NULL, copy);
	return 0;
}

static int put_dependency(struct json_writer *w, const struct line_dependency *dependency, struct err *err)
{
	json_open(w, NULL, '[');
	int rc = put_span(w, dependency->name, err);
	if (!rc)
		rc = put_span(w, dependency->requirement, err);
	if (!rc && dependency->registry.at)
		rc = put_span(w, dependency->registry, err);
	json_close(w, ']');
	return rc;
}

static int fill(struct filling *filling, struct wanted *wanted, struct err *err)
{
	struct json_writer w = {.out = &filling->list};
	int rc = 0;

	strbuf_reset(&filling->list);
	json_open(&w, NULL, '[');
	for (size_t i = 0; i < filling->line.n && !rc; i++)
		rc = put_dependency(&w, &filling->line.items[i], err);
	json_close(&w, ']');
	if (!rc && strbuf_failed(&filling->list))
		rc = err_nomem(err);
	if (rc)
		return rc;
	struct stmt st = use_of_version(filling->db, FILL, filling->crate, wanted->version);
	stmt_put_text(&st, ":list", strbuf_str(&filling->list));
	rc = stmt_run(&st, err);
	wanted->is_filled = true;
	filling->n_filled++;
	return rc;
}

/* A line that cannot be read counts as none; of two of one version the first counts, as in index_file.h. */
static int fill_from_line(struct filling *filling, const char *line, size_t len, struct err *err)
{
	struct text_span version;
	struct err bad = {0};

	if (line_version_glimpse(line, len, &version) && !find_wanted(filling, version))
		return 0;
	int rc = line_dependencies_read(&filling->line, filling->name, line, len, &bad);
	if (rc == ERR_NOMEM)
		return err_nomem(err);
	struct wanted *wanted = rc ? NULL : find_wanted(filling, filling->line.version);
	return wanted && !wanted->is_filled ? fill(filling, wanted, err) : 0;
}

static int fill_from_body(struct filling *filling, const char *body, size_t len, struct err *err)
{
	const char *end = body + len;
	int rc = 0;

	while (!rc && body < end && filling->n_filled < filling->n) {
		const char *stop = memchr(body, '\n', (size_t)(end - body));
		size_t line_len = (size_t)((stop ? stop : end) - body);
		if (line_len > 0)
			rc = fill_from_line(filling, body, line_len, err);
		body = stop ? stop + 1 : end;
	}
	return rc;
}

static int give_up_the_rest(const struct filling *filling, struct err *err)
{
	struct stmt st = stmt_use(filling->db, FILL_REST);
	stmt_put_int(&st, ":crate", filling->crate);
	return stmt_run(&st, err);
}

int demands_fill(struct db *db, int64_t crate, const char *body, size_t len, struct err *err)
{
	OWNED(filling_release) struct filling filling = {.db = db, .crate = crate};

	int rc = load_wanted(&filling, err);
	if (rc || filling.n == 0)
		return rc;
	rc = load_name(&filling, err);
	if (!rc)
		rc = fill_from_body(&filling, body, len, err);
	if (!rc && filling.n_filled < filling.n)
		rc = give_up_the_rest(&filling, err);
	return rc;
}
