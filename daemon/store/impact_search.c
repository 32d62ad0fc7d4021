/* SPDX-License-Identifier: Apache-2.0 */
/* impact_search.c: see impact_load.h; stored lockfiles. One is in memory at a time, or those of a shelf. */
#include "store/impact_parts.h"

#include "base/log.h"

#include <endian.h>
#include <string.h>

#define DOCUMENTS_KEPT_MAX ((size_t)2 * IMPACT_FINDINGS_MAX) /* then those of the lesser half go */

#define LOCKFILES(contents)                                                  \
	"SELECT p.id, l.id, p.name, p.team, l.path,"                         \
	" (SELECT count(*) FROM lockfile o WHERE o.project = p.id)" contents \
	" FROM lockfile l JOIN project p ON p.id = l.project WHERE l.lock IS NOT NULL"
/* By the project's few lockfiles, however many hold the crate. */
#define OF_PROJECT \
	" AND l.project = :project AND EXISTS (SELECT 1 FROM locked k WHERE k.lockfile = l.id AND k.crate = :crate)"
static const char HOLDING[] =
	LOCKFILES(", l.lock, l.crates") " AND l.id IN (SELECT k.lockfile FROM locked k WHERE k.crate = :crate)";
static const char HOLDING_OF_PROJECT[] = LOCKFILES(", l.lock, l.crates") OF_PROJECT;
/* For a shelf: to read what it has would cost as much as to load it. */
static const char HOLDING_WITHOUT[] = LOCKFILES("") OF_PROJECT;
static const char CONTENTS[] = "SELECT lock, crates FROM lockfile WHERE id = :lockfile";

/* ---- stored lockfiles ---- */

/* A row of LOCKFILES; texts are the statement's. */
struct stored {
	struct impact_target target;
	struct lock lock;
	int64_t *rows; /* owned */
};

static void stored_release(struct stored *stored)
{
	lock_release(&stored->lock);
	free(stored->rows);
}

static int damaged(const struct impact_target *target, struct err *err)
{
	return err_set(err, ERR_IO, "database: the stored lockfile of project %s%s%s is damaged", target->project_name,
		       *target->path ? ", " : "", target->path);
}

static int load_rows(struct stored *stored, struct stmt *st, int column, struct err *err)
{
	size_t len;
	const void *bytes = stmt_bytes(st, column, &len);
	size_t n = stored->lock.n_packages;

	if (len != n * sizeof *stored->rows)
		return damaged(&stored->target, err);
	stored->rows = calloc(n + 1, sizeof *stored->rows);
	if (!stored->rows)
		return err_nomem(err);
	if (len)
		memcpy(stored->rows, bytes, len);
	for (size_t i = 0; i < n; i++)
		stored->rows[i] = (int64_t)le64toh((uint64_t)stored->rows[i]);
	return 0;
}

/* `column`: of the lock; the crates are behind it. */
static int load_stored(struct stored *stored, struct stmt *st, int column, struct err *err)
{
	size_t len;
	const void *bytes = stmt_bytes(st, column, &len);
	int rc = lock_load(bytes, len, &stored->lock, err);

	if (rc)
		return rc == ERR_NOMEM ? rc : damaged(&stored->target, err);
	return load_rows(stored, st, column + 1, err);
}

/* All but the lockfile itself. */
static void aim(struct stored *stored, struct stmt *st)
{
	stored->target = (struct impact_target){
		.project = stmt_int(st, 0),
		.lockfile = stmt_int(st, 1),
		.project_name = stmt_text(st, 2),
		.team = stmt_text(st, 3),
		.path = stmt_text(st, 4),
		.several = stmt_int(st, 5) > 1,
	};
}

#define SHELF_PLACES 4

struct impact_shelf {
	struct stored places[SHELF_PLACES]; /* target.lockfile 0 = empty */
	unsigned next;                      /* to be given away */
};

struct impact_shelf *impact_shelf_new(void)
{
	return calloc(1, sizeof(struct impact_shelf));
}

void impact_shelf_free(struct impact_shelf *shelf)
{
	for (unsigned i = 0; shelf && i < SHELF_PLACES; i++)
		stored_release(&shelf->places[i]);
	free(shelf);
}

static struct stored *find_on_shelf(struct impact_shelf *shelf, int64_t lockfile)
{
	for (unsigned i = 0; i < SHELF_PLACES; i++)
		if (shelf->places[i].target.lockfile == lockfile)
			return &shelf->places[i];
	return NULL;
}

static int load_contents(struct db *db, struct stored *stored, struct err *err)
{
	int bad = 0;

	struct stmt st = stmt_use(db, CONTENTS);
	stmt_put_int(&st, ":lockfile", stored->target.lockfile);
	if (stmt_row(&st))
		bad = load_stored(stored, &st, 0, err);
	int rc = stmt_done(&st, bad ? &(struct err){0} : err);
	return bad ? bad : rc;
}

/* The row's lockfile, from the shelf or put there. */
static int take_from_shelf(struct db *db, struct impact_shelf *shelf, struct stmt *st, struct stored **ret,
			   struct err *err)
{
	struct stored *place = find_on_shelf(shelf, stmt_int(st, 1));
	int rc = 0;

	*ret = place ? place : &shelf->places[shelf->next++ % SHELF_PLACES];
	if (!place) {
		stored_release(*ret);
		**ret = (struct stored){0};
	}
	aim(*ret, st);
	if (!place)
		rc = load_contents(db, *ret, err);
	if (rc)
		(*ret)->target.lockfile = 0;
	return rc;
}

/* ---- lists ---- */

void impact_list_release(struct impact_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		impact_found_release(&list->items[i]);
	free(list->items);
	*list = (struct impact_list){0};
}

static int compare_found(const void *a, const void *b)
{
	const struct impact_found *x = a;
	const struct impact_found *y = b;

	if (x->severity != y->severity)
		return x->severity > y->severity ? -1 : 1;
	int order = strcmp(x->project_name, y->project_name);
	return order ? order : strcmp(x->path, y->path);
}

/* The worst ones keep their documents. */
static void sort_and_cut(struct impact_list *list)
{
	if (list->n > 1)
		qsort(list->items, list->n, sizeof *list->items, compare_found);
	for (size_t i = IMPACT_FINDINGS_MAX; i < list->n; i++)
		strbuf_release(&list->items[i].json);
	if (list->n_documents > IMPACT_FINDINGS_MAX)
		list->n_documents = IMPACT_FINDINGS_MAX;
}

/* Room for one more, which is not counted yet. */
static struct impact_found *room(struct impact_list *list, struct err *err)
{
	if (list->n_documents == DOCUMENTS_KEPT_MAX)
		sort_and_cut(list);
	if (list->n == list->cap) {
		size_t cap = list->cap ? 2 * list->cap : 16;
		struct impact_found *grown = reallocarray(list->items, cap, sizeof *grown);
		if (!grown) {
			(void)err_nomem(err);
			return NULL;
		}
		list->items = grown;
		list->cap = cap;
	}
	list->items[list->n] = (struct impact_found){0};
	return &list->items[list->n];
}

/* What is asked of each lockfile of a statement. */
struct search {
	struct demands_book book;
	struct impact_shelf *shelf; /* NULL = none */
	const struct impact_crate *crate;
	const char *version;
	enum event_kind kind;
	struct impact_list list;
};

static void search_release(struct search *search)
{
	demands_book_release(&search->book);
	impact_list_release(&search->list);
}

static int search_stored(struct search *search, struct stored *stored, struct impact_found *slot, struct err *err)
{
	bool hits = false;

	stored->target.lock = &stored->lock;
	stored->target.crate_rows = stored->rows;
	search->list.bytes += stored->lock.size;
	int rc = impact_ask(&search->book, search->crate, &stored->target, search->version, search->kind, slot, &hits,
			    err);
	search->list.n += !rc && hits;
	search->list.n_documents += !rc && hits;
	return rc;
}

/* One that is damaged harms no other project, and its own is told what is known: it holds the crate. */
static int note_damaged(struct search *search, const struct impact_target *target, struct impact_found *slot,
			struct err *err)
{
	OWNED(impact_found_release)
	struct impact_found found = {.project = target->project,
				     .lockfile = target->lockfile,
				     .several = target->several,
				     .severity = SEVERITY_HIGH,
				     .locked = true};
	struct json_writer w = {.out = &found.json};

	log_error("%s", err->text);
	json_open(&w, NULL, '{');
	json_put_string(&w, "project", target->project_name);
	if (*target->team)
		json_put_string(&w, "team", target->team);
	json_put_bool(&w, "locked", true);
	json_put_string(&w, "severity", severity_name(found.severity));
	json_close(&w, '}');
	int rc = strbuf_failed(&found.json) ? err_nomem(err) : impact_keep_texts(&found, target, NULL, err);
	if (rc)
		return rc;
	*slot = found;
	found = (struct impact_found){0};
	search->list.n++;
	search->list.n_documents++;
	return 0;
}

static int search_row(struct search *search, struct stmt *st, struct err *err)
{
	OWNED(stored_release) struct stored stored = {0};
	struct impact_found *slot = room(&search->list, err);
	struct stored *found = &stored;
	int rc;

	if (!slot)
		return ERR_NOMEM;
	search->list.belongs = true;
	if (search->shelf) {
		rc = take_from_shelf(search->book.db, search->shelf, st, &found, err);
	} else {
		aim(&stored, st);
		rc = load_stored(&stored, st, 6, err);
	}
	if (rc == ERR_IO)
		return note_damaged(search, &found->target, slot, err);
	return rc ? rc : search_stored(search, found, slot, err);
}

/* Ends the statement. */
static int search_rows(struct search *search, struct stmt *st, struct err *err)
{
	int bad = 0;

	while (!bad && stmt_row(st))
		bad = search_row(search, st, err);
	int rc = stmt_done(st, bad ? &(struct err){0} : err);
	sort_and_cut(&search->list);
	return bad ? bad : rc;
}

int impact_of_project(struct db *db, struct impact_shelf *shelf, const struct impact_crate *crate, const char *version,
		      enum event_kind kind, int64_t project, struct impact_list *ret, struct err *err)
{
	OWNED(search_release)
	struct search search = {
		.book = impact_book(db, crate), .shelf = shelf, .crate = crate, .version = version, .kind = kind};

	struct stmt st = stmt_use(db, shelf ? HOLDING_WITHOUT : project ? HOLDING_OF_PROJECT : HOLDING);
	stmt_put_int(&st, ":crate", crate->row);
	if (project)
		stmt_put_int(&st, ":project", project);
	int rc = search_rows(&search, &st, err);
	if (rc)
		return rc;
	*ret = search.list;
	search.list = (struct impact_list){0};
	return 0;
}

int impact_of_version(struct db *db, const struct impact_crate *crate, const char *version, enum event_kind kind,
		      int64_t project, struct impact_list *ret, struct err *err)
{
	return impact_of_project(db, NULL, crate, version, kind, project, ret, err);
}

void impact_put_list(struct json_writer *w, const struct impact_list *list, size_t most_bytes)
{
	size_t end = w->out->len + most_bytes;
	size_t put = 0;

	json_open(w, "findings", '[');
	for (; put < list->n_documents && w->out->len + list->items[put].json.len < end; put++)
		json_put_raw(w, NULL, strbuf_str(&list->items[put].json));
	json_close(w, ']');
	if (list->n > put)
		json_put_int(w, "more_findings", (int64_t)(list->n - put));
}
