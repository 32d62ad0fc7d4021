/* SPDX-License-Identifier: Apache-2.0 */
/*
 * make_history.c: yankwatch-make-history writes a state folder with the history of
 * synthetic crates, as the tracker would: by history_append(), with annotations and
 * signed heads, kinds in the proportions of crates.io's own history. The same seed and
 * sizes give the same events. Only what makes it durable is left out, while it is built.
 */
#include "drawing.h"
#include "synthetic.h"

#include "base/err.h"
#include "base/numbers.h"
#include "store/annotations.h"
#include "store/heads.h"
#include "store/history.h"
#include "store/migrations.h"
#include "store/signing_key.h"
#include "store/state.h"
#include "store/watches.h"

#include <getopt.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define EVENTS_DEFAULT 10000000
#define CRATES_DEFAULT 160000
#define BATCH 20000    /* events of one transaction */
#define HEAD_EVERY 20  /* events of one head, as if so many had come with one COMMIT */
#define SMALL_EVERY 50 /* each such crate is of the small registry */

static const char USAGE[] =
	"usage: yankwatch-make-history [--events N] [--crates N] [--seed N] FOLDER\n"
	"\n"
	"Makes FOLDER, which must not exist yet, a state_dir with a history of synthetic crates, and prints\n"
	"what is in it as JSON.\n"
	"  --events N    how many (default: 10000000)\n"
	"  --crates N    of how many crates (default: 160000)\n"
	"  --seed N      another history of the same kind (default: 1)\n";

/* Nothing of it must outlive a crash: the folder is thrown away then. */
static const char WHILE_BUILT[] = "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-4194304;"
				  "PRAGMA locking_mode=EXCLUSIVE;";
static const char WHEN_BUILT[] = "PRAGMA locking_mode=NORMAL; PRAGMA journal_mode=WAL;";
static const char CRATES_OF[] = "SELECT c.id, c.name FROM crate c JOIN registry r ON r.id = c.registry"
				" WHERE r.name = :registry AND c.name <> ''";

enum { LARGE, SMALL, REGISTRIES };

struct options {
	uint64_t events, crates, seed;
	const char *folder;
};

struct maker {
	const struct options *options;
	struct db *db;
	struct drawing drawing;
	struct drawn_registry registries[REGISTRIES];
	struct head_signer signer;
	int64_t signed_to; /* seq */
};

/* ---- one event ---- */

static int annotate(struct maker *maker, const struct drawn_event *drawn, struct err *err)
{
	struct event_project projects[DRAWING_HITS_MAX];

	for (size_t i = 0; i < drawn->n_hits; i++)
		projects[i] = (struct event_project){drawn->hits[i], "team", true};
	int rc =
		annotations_add(maker->db, drawn->event.seq, strbuf_str(&drawn->members), projects, drawn->n_hits, err);
	if (!rc && drawn->reason.len)
		rc = annotations_set_reason(maker->db, drawn->event.seq, strbuf_str(&drawn->reason), err);
	return rc;
}

static int make_event(struct maker *maker, int64_t seq, struct drawn_event *drawn, struct err *err)
{
	if (!drawing_next(&maker->drawing, seq, drawn))
		return err_nomem(err);
	int64_t crate = drawn->event.crate ? drawn->crate->id : drawn->crate->registry->nameless;
	int rc = history_append(maker->db, crate, &drawn->event, err);
	return rc ? rc : annotate(maker, drawn, err);
}

/* ---- all of them ---- */

static int make_batch(struct maker *maker, int64_t from, int64_t to, struct drawn_event *drawn, struct err *err)
{
	int rc = db_begin(maker->db, err);

	if (rc)
		return rc;
	for (int64_t number = from; number < to && !rc; number++) {
		rc = make_event(maker, number + 1, drawn, err);
		if (!rc && (number % HEAD_EVERY == 0 || number + 1 == to))
			rc = heads_sign(maker->db, &maker->signer, maker->drawing.newest_ms, &maker->signed_to, err);
	}
	if (rc)
		db_rollback(maker->db);
	return rc ? rc : db_commit(maker->db, err);
}

static int make_events(struct maker *maker, struct err *err)
{
	OWNED(drawn_event_release) struct drawn_event drawn = {0};
	int64_t events = (int64_t)maker->options->events;
	bool shows = isatty(STDERR_FILENO);
	int rc = 0;

	for (int64_t from = 0; from < events && !rc; from += BATCH) {
		int64_t to = from + BATCH < events ? from + BATCH : events;
		rc = make_batch(maker, from, to, &drawn, err);
		if (shows)
			(void)fprintf(stderr, "\r%" PRId64 " of %" PRId64 " events%s", to, events,
				      to == events ? "\n" : "");
	}
	return rc;
}

/* ---- the crates ---- */

static int compare_listed(const void *a, const void *b)
{
	const struct listed_crate *x = a;
	const struct listed_crate *y = b;
	return strcmp(x->name, y->name);
}

static unsigned registry_of(size_t number)
{
	return number % SMALL_EVERY == SMALL_EVERY - 1 ? SMALL : LARGE;
}

static int list_crates(struct maker *maker, unsigned registry, const struct drawn_crate *named, struct err *err)
{
	size_t n = 0;
	struct registry_before before;
	struct registry_record record;
	OWNED(watch_changes_release) struct watch_changes changes = {0};
	OWNED_MEM struct listed_crate *list = calloc(maker->options->crates + 1, sizeof *list);

	if (!list)
		return err_nomem(err);
	for (size_t i = 0; i < maker->options->crates; i++)
		if (registry_of(i) == registry)
			list[n++] = (struct listed_crate){named[i].name, LISTED_FILE};
	qsort(list, n, sizeof *list, compare_listed);
	const char *name = maker->registries[registry].name;
	const char *url = maker->registries[registry].index_url;
	int rc = watches_configure_registry(maker->db, name, url, &before, err);
	if (!rc)
		rc = watches_configure(maker->db, name, list, n, false, &changes, err);
	if (!rc)
		rc = state_registry(maker->db, name, url, &record, err);
	if (!rc)
		maker->registries[registry].nameless = record.crate;
	return rc;
}

static int read_crates(struct maker *maker, unsigned registry, size_t *n, struct err *err)
{
	struct stmt st = stmt_use(maker->db, CRATES_OF);

	stmt_put_text(&st, ":registry", maker->registries[registry].name);
	while (*n < maker->options->crates && stmt_row(&st)) {
		struct drawn_crate *crate = &maker->drawing.crates[(*n)++];
		*crate = (struct drawn_crate){.id = stmt_int(&st, 0), .registry = &maker->registries[registry]};
		(void)snprintf(crate->name, sizeof crate->name, "%s", stmt_text(&st, 1));
	}
	return stmt_done(&st, err);
}

static int make_crates(struct maker *maker, struct err *err)
{
	struct heads_start start;
	size_t n = 0;

	for (size_t i = 0; i < maker->options->crates; i++)
		synthetic_name(i, maker->options->seed, maker->drawing.crates[i].name);
	int rc = db_begin(maker->db, err);
	if (!rc)
		rc = heads_begin(maker->db, &maker->signer, true, DRAWING_FIRST_MS, &start, err);
	for (unsigned r = 0; r < REGISTRIES && !rc; r++)
		rc = list_crates(maker, r, maker->drawing.crates, err);
	for (unsigned r = 0; r < REGISTRIES && !rc; r++)
		rc = read_crates(maker, r, &n, err);
	if (!rc && n != maker->options->crates)
		rc = err_set(err, ERR_BAD, "%zu crates were listed", n);
	return rc ? rc : db_commit(maker->db, err);
}

static int open_folder(struct maker *maker, struct err *err)
{
	OWNED_STRBUF struct strbuf database = {0};
	bool is_new;

	if (mkdir(maker->options->folder, 0700) < 0)
		return err_errno(err, "%s", maker->options->folder);
	strbuf_addf(&database, "%s/yankwatch.sqlite", maker->options->folder);
	if (strbuf_failed(&database))
		return err_nomem(err);
	int rc = signing_key_load(maker->options->folder, &maker->signer, &is_new, err);
	return rc ? rc : db_open(strbuf_str(&database), DB_READ_WRITE, &maker->db, err);
}

static int make_history(struct maker *maker, struct err *err)
{
	int rc = open_folder(maker, err);

	if (!rc)
		rc = db_script(maker->db, WHILE_BUILT, err);
	if (!rc)
		rc = migrations_apply(maker->db, err);
	if (!rc)
		rc = make_crates(maker, err);
	if (!rc)
		rc = make_events(maker, err);
	return rc ? rc : db_script(maker->db, WHEN_BUILT, err);
}

static void print_made(const struct maker *maker)
{
	printf("{\"events\": %" PRIu64 ", \"crates\": %" PRIu64 ", \"seed\": %" PRIu64 ", \"late\": %" PRId64
	       ", \"project_hits\": %" PRId64 ", \"from_ms\": %" PRId64 ", \"to_ms\": %" PRId64 ", \"kinds\": {",
	       maker->options->events, maker->options->crates, maker->options->seed, maker->drawing.late,
	       maker->drawing.hits, DRAWING_FIRST_MS, maker->drawing.newest_ms);
	for (unsigned kind = 0; kind < EVENT_KINDS; kind++)
		printf("%s\"%s\": %" PRId64, kind ? ", " : "", event_kind_name((enum event_kind)kind),
		       maker->drawing.kinds[kind]);
	printf("}}\n");
}

static bool read_options(int argc, char **argv, struct options *ret)
{
	static const struct option longs[] = {{"events", required_argument, NULL, 'e'},
					      {"crates", required_argument, NULL, 'c'},
					      {"seed", required_argument, NULL, 's'},
					      {"help", no_argument, NULL, 'h'},
					      {0}};
	bool good = true;
	int option;

	*ret = (struct options){.events = EVENTS_DEFAULT, .crates = CRATES_DEFAULT, .seed = 1};
	while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (option == 'e')
			good &= number_parse_u64(optarg, UINT32_MAX, &ret->events) && ret->events > 0;
		else if (option == 'c')
			good &= number_parse_u64(optarg, SYNTHETIC_CRATES_MAX, &ret->crates) && ret->crates > 0;
		else if (option == 's')
			good &= number_parse_u64(optarg, UINT32_MAX, &ret->seed);
		else if (option == 'h')
			exit(fputs(USAGE, stdout) < 0);
		else
			good = false;
	}
	ret->folder = optind + 1 == argc ? argv[optind] : NULL;
	return good && ret->folder;
}

int main(int argc, char **argv)
{
	struct options options;
	struct err err;

	if (!read_options(argc, argv, &options)) {
		(void)fputs(USAGE, stderr);
		return 2;
	}
	OWNED_MEM struct drawn_crate *crates = calloc(options.crates, sizeof *crates);
	struct maker maker = {
		.options = &options,
		.drawing = {.crates = crates,
			    .n_crates = options.crates,
			    .n_events = options.events,
			    .state = options.seed},
		.registries = {[LARGE] = {.name = "crates-io", .index_url = "https://index.example.com/"},
			       [SMALL] = {.name = "internal", .index_url = "https://crates.corp.example.com/index/"}},
	};
	int rc = !crates ? err_nomem(&err) : 0;
	if (!rc && sodium_init() < 0)
		rc = err_set(&err, ERR_IO, "libsodium cannot start");
	if (!rc) {
		db_configure_library();
		rc = make_history(&maker, &err);
	}
	db_close(maker.db);
	if (rc) {
		(void)fprintf(stderr, "yankwatch-make-history: %s\n", err.text);
		return 1;
	}
	print_made(&maker);
	return 0;
}
