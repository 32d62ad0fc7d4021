/* SPDX-License-Identifier: Apache-2.0 */
/* impact_demands.c: see impact_demands.h. */
#include "store/impact_demands.h"

#include "base/json.h"
#include "model/diff.h"

#include <search.h>
#include <string.h>

#define NEAR 8192u      /* a power of two: more dependents than that are seldom asked for at once */
#define LIST_WITH_URL 3 /* members of a dependency of another registry (demands.h) */

static const char LOOK_UP[] = "SELECT d.crate IS NOT NULL, d.list, c.state,"
			      " c.registry = (SELECT o.registry FROM crate o WHERE o.id = :of) FROM crate c"
			      " LEFT JOIN demands d ON d.crate = c.id AND d.version = :version WHERE c.id = :crate";

static void page_free(void *arg)
{
	struct demands_page *page = arg;

	for (size_t i = 0; i < page->n; i++)
		free((char *)(uintptr_t)page->requirements[i]);
	free(page->requirements);
	free(page->version);
	free(page);
}
DEFINE_OWNED(owned_page, struct demands_page, page_free)

void demands_book_release(struct demands_book *book)
{
	tdestroy(book->pages, page_free);
	free(book->near);
	book->pages = NULL;
	book->near = NULL;
}

static int compare_pages(const void *a, const void *b)
{
	const struct demands_page *x = a;
	const struct demands_page *y = b;
	int order = (x->crate > y->crate) - (x->crate < y->crate);
	return order ? order : strcmp(x->version, y->version);
}

static const char *item_text(const cJSON *dependency, int place)
{
	const char *text = cJSON_GetStringValue(cJSON_GetArrayItem(dependency, place));
	return text ? text : "";
}

static bool is_named(const struct demands_book *book, const cJSON *dependency)
{
	return strcmp(item_text(dependency, 0), book->name) == 0;
}

/* Is that entry of the registry in question, by whether it says that it is of another one? */
static bool is_of_registry(const cJSON *dependency, bool same_registry)
{
	return (cJSON_GetArraySize(dependency) < LIST_WITH_URL) == same_registry;
}

/* An index may spell its own URL out, or a mirror that of what it mirrors: then the name alone must do. */
static bool registries_tell(const struct demands_book *book, const cJSON *list, bool same_registry)
{
	const cJSON *dependency;

	cJSON_ArrayForEach (dependency, list)
		if (is_named(book, dependency) && is_of_registry(dependency, same_registry))
			return true;
	return false;
}

static int take(struct demands_page *page, const char *requirement, struct err *err)
{
	char *copy = strdup(requirement);

	if (!copy)
		return err_nomem(err);
	page->requirements[page->n++] = copy;
	return 0;
}

static int read_list(const struct demands_book *book, struct demands_page *page, const cJSON *list, bool same_registry,
		     struct err *err)
{
	bool told = registries_tell(book, list, same_registry);
	const cJSON *dependency;
	int rc = 0;

	page->requirements = calloc((size_t)cJSON_GetArraySize(list) + 1, sizeof *page->requirements);
	if (!page->requirements)
		return err_nomem(err);
	cJSON_ArrayForEach (dependency, list)
		if (!rc && is_named(book, dependency) && (!told || is_of_registry(dependency, same_registry)))
			rc = take(page, item_text(dependency, 1), err);
	page->state = DEMANDS_KNOWN;
	return rc;
}

static int read_page(const struct demands_book *book, struct demands_page *page, struct stmt *st, struct err *err)
{
	const char *list = stmt_text(st, 1);
	OWNED_JSON cJSON *value = NULL;

	if (!list) {
		page->state = stmt_int(st, 2) == CRATE_ABSENT ? DEMANDS_NOT_TO_BE_HAD
			      : stmt_int(st, 0)               ? DEMANDS_WANTED
							      : DEMANDS_NEVER_WANTED;
		return 0;
	}
	int rc = json_parse(list, strlen(list), &value, err);
	return rc ? err_prefix(err, "database: demands") : read_list(book, page, value, stmt_int(st, 3) != 0, err);
}

static int load_page(const struct demands_book *book, struct demands_page *page, struct err *err)
{
	int bad = 0;

	struct stmt st = stmt_use(book->db, LOOK_UP);
	stmt_put_int(&st, ":of", book->of);
	stmt_put_int(&st, ":crate", page->crate);
	stmt_put_text(&st, ":version", page->version);
	if (stmt_row(&st))
		bad = read_page(book, page, &st, err);
	int rc = stmt_done(&st, bad ? &(struct err){0} : err);
	return bad ? bad : rc;
}

static struct demands_page *new_page(int64_t crate, const char *version)
{
	struct demands_page *page = calloc(1, sizeof *page);

	if (!page)
		return NULL;
	*page = (struct demands_page){.crate = crate, .version = strdup(version), .state = DEMANDS_NEVER_WANTED};
	if (!page->version) {
		free(page);
		return NULL;
	}
	return page;
}

static int find_far(struct demands_book *book, const struct demands_page *like, struct demands_page **ret,
		    struct err *err)
{
	struct demands_page *const *found = tfind(like, &book->pages, compare_pages);

	if (found) {
		*ret = *found;
		return 0;
	}
	OWNED(owned_page) struct demands_page *page = new_page(like->crate, like->version);
	if (!page)
		return err_nomem(err);
	int rc = load_page(book, page, err);
	if (rc)
		return rc;
	if (!tsearch(page, &book->pages, compare_pages))
		return err_nomem(err);
	*ret = TAKE(page);
	return 0;
}

/* Hundreds of lockfiles ask for the same pages: a walk down the tree for each would be half of the time. */
int demands_book_find(struct demands_book *book, int64_t crate, const char *version, const struct demands_page **ret,
		      struct err *err)
{
	const struct demands_page like = {.crate = crate, .version = (char *)(uintptr_t)version};

	if (!book->near)
		book->near = calloc(NEAR, sizeof(struct demands_page *));
	if (!book->near)
		return err_nomem(err);
	struct demands_page **near = &book->near[(uint64_t)crate % NEAR];
	int rc = *near && compare_pages(*near, &like) == 0 ? 0 : find_far(book, &like, near, err);
	if (rc)
		return rc;
	*ret = *near;
	return 0;
}
