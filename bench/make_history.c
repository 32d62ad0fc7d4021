/* SPDX-License-Identifier: Apache-2.0 */
/*
 * make_history.c: yankwatch-make-history writes a state folder with the history of
 * synthetic crates, as the tracker would: by history_append(), with annotations and
 * signed heads, kinds in the proportions of crates.io's own history. The same seed and
 * sizes give the same events. Only what makes it durable is left out, while it is built.
 */
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
#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define EVENTS_DEFAULT 10000000
#define CRATES_DEFAULT 160000
#define PROJECTS 500
#define BATCH 20000                            /* events of one transaction */
#define HEAD_EVERY 20                          /* events of one head, as if so many had come with one COMMIT */
#define LINE_BYTES 400                         /* of the index line of an event */
#define FIRST_MS INT64_C(1640995200000)        /* 2022-01-01 */
#define RANGE_MS (INT64_C(3 * 365) * 86400000) /* in which all of them lie */
#define LATE_MAX_MS (INT64_C(30) * 86400000)   /* how much older an event of the audit trail is at most */
#define LATE_PER_MILLE 20                      /* of the yanks and un-yanks */
#define PROJECT_PER_MILLE 20                   /* of the yanks, that hit some */
#define POPULAR 1.7                            /* the higher, the more of the events are of few crates */
#define RANK_STRIDE UINT64_C(1000003)          /* a prime: each rank is another crate's */
#define SMALL_EVERY 50                         /* each such crate is of the small registry */

static const char USAGE[] =
	"usage: yankwatch-make-history [--events N] [--crates N] [--seed N] DATABASE\n"
	"\n"
	"Writes DATABASE, which must not exist yet, with a history of synthetic crates, and prints what\n"
	"is in it as JSON.\n"
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

static const struct {
	const char *name, *index_url;
} registries[REGISTRIES] = {
	[LARGE] = {"crates-io", "https://index.example.com/"},
	[SMALL] = {"internal", "https://crates.corp.example.com/index/"},
};

/* Of a million events; what is left is `published`. From 75 days of crates.io; the rest so that there are some. */
static const struct {
	enum event_kind kind;
	unsigned per_million;
} mix[] = {
	{EVENT_YANKED, 50300},        {EVENT_UNYANKED, 5860},         {EVENT_CRATE_DELETED, 9790},
	{EVENT_CRATE_CREATED, 11800}, {EVENT_METADATA_CHANGED, 400},  {EVENT_VERSION_DELETED, 300},
	{EVENT_FINDING_OPENED, 1500}, {EVENT_FINDING_RESOLVED, 1500}, {EVENT_REPLACEMENT_AVAILABLE, 500},
	{EVENT_REGISTRY_BLIND, 20},   {EVENT_REGISTRY_BACK, 20},      {EVENT_REGISTRY_INCIDENT, 5},
	{EVENT_CHECKSUM_CHANGED, 1},  {EVENT_REASON_CHANGED, 3000},
};

struct options {
	uint64_t events, crates, seed;
	const char *folder;
};

/* A crate of the history. */
struct past {
	int64_t id;
	unsigned registry;
	unsigned versions; /* published so far */
	char name[CRATE_NAME_MAX + 1];
};

struct maker {
	const struct options *options;
	struct db *db;
	struct past *crates;          /* owned */
	int64_t nameless[REGISTRIES]; /* the rows that registries' own events hang on */
	struct head_signer signer;
	int64_t signed_to; /* seq */
	int64_t newest_ms; /* when the last event was seen */
	uint64_t state;
	int64_t kinds[EVENT_KINDS], late, hits; /* what was made */
};

static uint64_t below(struct maker *maker, uint64_t n)
{
	return synthetic_random(&maker->state) % n;
}

/* ---- what an event is ---- */

static enum event_kind pick_kind(struct maker *maker)
{
	uint64_t dice = below(maker, 1000000);

	for (size_t i = 0; i < ARRAY_LEN(mix); i++) {
		if (dice < mix[i].per_million)
			return mix[i].kind;
		dice -= mix[i].per_million;
	}
	return EVENT_PUBLISHED;
}

static struct past *pick_crate(struct maker *maker)
{
	double share = (double)(synthetic_random(&maker->state) >> 11) * 0x1p-53;
	uint64_t rank = (uint64_t)((double)maker->options->crates * pow(share, POPULAR));

	return &maker->crates[rank * RANK_STRIDE % maker->options->crates];
}

/* What is said of every second yank, and of each that has changed. */
static const struct reason_said reason = {
	.has_text = true,
	.text = "Broken on Windows: a path with a space in it is cut off. Use the next one.",
	.by = "a-maintainer",
	.owner = REASON_OWNER,
	.at_ms = FIRST_MS,
};

/* The texts of one event, which its struct borrows. */
struct texts {
	char version[32], project[32], etag[40];
	unsigned char checksum[CHECKSUM_SIZE];
	struct strbuf line, members, reason;
	const char *versions[1];
};

static void texts_release(struct texts *texts)
{
	strbuf_release(&texts->line);
	strbuf_release(&texts->members);
	strbuf_release(&texts->reason);
}

/* A version that is there, or the next one. */
static void pick_version(struct maker *maker, struct past *crate, enum event_kind kind, struct texts *texts)
{
	unsigned number = crate->versions;

	if (kind == EVENT_PUBLISHED || number == 0)
		crate->versions++;
	else
		number = (unsigned)below(maker, number);
	(void)snprintf(texts->version, sizeof texts->version, "%u.%u.%u", number / 100, number / 10 % 10, number % 10);
}

static void write_line(const struct past *crate, bool yanked, struct texts *texts)
{
	struct strbuf *line = &texts->line;
	uint64_t state = (uint64_t)crate->id;
	char hex[2 * CHECKSUM_SIZE + 1];

	hex_encode(texts->checksum, CHECKSUM_SIZE, hex);
	strbuf_reset(line);
	strbuf_addf(line, "{\"name\":\"%s\",\"vers\":\"%s\",\"deps\":[", crate->name, texts->version);
	for (unsigned i = 0; line->len + 220 < LINE_BYTES; i++) {
		char name[CRATE_NAME_MAX + 1];
		synthetic_name(synthetic_random(&state) % 5000, 0, name);
		strbuf_addf(line,
			    "%s{\"name\":\"%s\",\"req\":\"^%u\",\"features\":[],\"optional\":false,"
			    "\"default_features\":true,\"target\":null,\"kind\":\"normal\"}",
			    i ? "," : "", name, i);
	}
	strbuf_addf(line, "],\"cksum\":\"%s\",\"features\":{},\"yanked\":%s}", hex, yanked ? "true" : "false");
}

static void draw_checksum(struct maker *maker, struct texts *texts)
{
	for (size_t i = 0; i < CHECKSUM_SIZE; i += sizeof(uint64_t)) {
		uint64_t bits = synthetic_random(&maker->state);
		memcpy(texts->checksum + i, &bits, sizeof bits);
	}
}

static void fill_version(struct maker *maker, struct past *crate, struct event *event, struct texts *texts)
{
	pick_version(maker, crate, event->kind, texts);
	draw_checksum(maker, texts);
	event->version = texts->version;
	event->yanked = event->kind == EVENT_YANKED || event->kind == EVENT_FINDING_OPENED;
	event->checksum = texts->checksum;
	write_line(crate, event->yanked, texts);
	event->line = strbuf_str(&texts->line);
	event->line_len = texts->line.len;
}

static void fill_of_crate(struct maker *maker, struct past *crate, struct event *event, struct texts *texts)
{
	event->crate = crate->name;
	if (event->kind == EVENT_CRATE_DELETED) {
		event->status = 404;
		texts->versions[0] = "0.0.0";
		event->versions = texts->versions;
		event->n_versions = 1;
	} else if (event->kind != EVENT_CRATE_CREATED) {
		fill_version(maker, crate, event, texts);
	}
	if (event->kind == EVENT_METADATA_CHANGED)
		event->facets = 1;
	if (event->kind == EVENT_REASON_CHANGED)
		event->reason = &reason;
	if (event->kind == EVENT_CHECKSUM_CHANGED)
		event->previous_checksum = texts->checksum;
	if (!event_kind_is_of_project(event->kind))
		return;
	(void)snprintf(texts->project, sizeof texts->project, "project-%u", (unsigned)below(maker, PROJECTS));
	event->project = texts->project;
}

static bool is_flip(enum event_kind kind)
{
	return kind == EVENT_YANKED || kind == EVENT_UNYANKED;
}

/* Now and then one that was found in the audit trail, and is older. */
static void set_times(struct maker *maker, int64_t number, struct event *event)
{
	int64_t step_ms = RANGE_MS / (int64_t)maker->options->events;

	event->observed_at_ms = FIRST_MS + number * step_ms + (int64_t)below(maker, (uint64_t)step_ms + 1);
	event->at_ms = maker->newest_ms = event->observed_at_ms;
	if (!is_flip(event->kind) || below(maker, 1000) >= LATE_PER_MILLE)
		return;
	event->source = EVENT_OF_AUDIT_TRAIL;
	event->at_ms -= (int64_t)below(maker, below(maker, LATE_MAX_MS) + 1);
	maker->late++;
}

/* ---- what is said about it ---- */

static void say(struct maker *maker, const struct event *event, size_t n_projects, struct texts *texts)
{
	struct strbuf *members = &texts->members;

	strbuf_reset(members);
	strbuf_addf(members,
		    "\"usable_versions\":%u,\"replacement\":{\"version\":\"%s\",\"compatible\":true,"
		    "\"command\":\"cargo update -p %s --precise %s\"}",
		    (unsigned)below(maker, 20) + 1, event->version, event->crate, event->version);
	if (n_projects)
		strbuf_addf(members,
			    ",\"findings\":[{\"project\":\"project\",\"locked\":true,\"requirements\":[\"^1.2\"],"
			    "\"severity\":\"high\",\"path\":[\"app\",\"%s\"]}]",
			    event->crate);
}

static int say_reason(struct maker *maker, const struct event *event, struct texts *texts, struct err *err)
{
	struct json_writer w = {.out = &texts->reason};

	strbuf_reset(&texts->reason);
	json_open(&w, NULL, '{');
	reason_put_members(&w, &reason);
	json_close(&w, '}');
	return annotations_set_reason(maker->db, event->seq, strbuf_str(&texts->reason), err);
}

static int annotate(struct maker *maker, const struct event *event, struct texts *texts, struct err *err)
{
	char names[3][32];
	struct event_project projects[3];
	bool hits = event->project || (event->kind == EVENT_YANKED && below(maker, 1000) < PROJECT_PER_MILLE);
	size_t n = !hits ? 0 : event->project ? 1 : 1 + below(maker, ARRAY_LEN(projects));
	uint64_t first = below(maker, PROJECTS);

	if (event->kind != EVENT_YANKED && !event->project)
		return 0;
	for (size_t i = 0; i < n; i++) {
		(void)snprintf(names[i], sizeof names[i], "project-%u", (unsigned)((first + i) % PROJECTS));
		projects[i] = (struct event_project){event->project ? event->project : names[i], "team", true};
	}
	maker->hits += (int64_t)n;
	say(maker, event, n, texts);
	int rc = annotations_add(maker->db, event->seq, strbuf_str(&texts->members), projects, n, err);
	return rc || event->project || event->seq % 2 ? rc : say_reason(maker, event, texts, err);
}

static void identify(struct event *event)
{
	static const unsigned char lineage[LINEAGE_SIZE];
	struct event_identity identity = {
		.index_url = event->index_url,
		.crate = event->crate ? event->crate : "",
		.version = event->version ? event->version : "",
		.kind = event->kind,
		.ordinal = event->seq, /* no two are the same, and nobody asks for the next one */
		.last_modified = event->last_modified,
		.lineage = lineage,
		.project = event->project,
	};

	event_make_id(&identity, event->id);
}

static int make_event(struct maker *maker, int64_t number, struct texts *texts, struct err *err)
{
	struct past *crate = pick_crate(maker);
	struct event event = {.seq = number + 1, .kind = pick_kind(maker)};
	bool of_registry = event_kind_is_of_registry(event.kind);

	set_times(maker, number, &event);
	event.registry = registries[crate->registry].name;
	event.index_url = registries[crate->registry].index_url;
	event.severity = severity_of(event.kind, true);
	if (of_registry) {
		event.since_ms = event.at_ms;
		event.detail = "no good answer for 15 minutes";
	} else {
		(void)snprintf(texts->etag, sizeof texts->etag, "\"%016" PRIx64 "%016" PRIx64 "\"",
			       synthetic_random(&maker->state), synthetic_random(&maker->state));
		event.etag = texts->etag;
		event.last_modified = event.observed_at_ms / 1000;
		fill_of_crate(maker, crate, &event, texts);
	}
	identify(&event);
	maker->kinds[event.kind]++;
	int rc = history_append(maker->db, of_registry ? maker->nameless[crate->registry] : crate->id, &event, err);
	return rc ? rc : annotate(maker, &event, texts, err);
}

/* ---- all of them ---- */

static int make_batch(struct maker *maker, int64_t from, int64_t to, struct texts *texts, struct err *err)
{
	int rc = db_begin(maker->db, err);

	if (rc)
		return rc;
	for (int64_t number = from; number < to && !rc; number++) {
		rc = make_event(maker, number, texts, err);
		if (!rc && (number % HEAD_EVERY == 0 || number + 1 == to))
			rc = heads_sign(maker->db, &maker->signer, maker->newest_ms, &maker->signed_to, err);
	}
	if (rc)
		db_rollback(maker->db);
	return rc ? rc : db_commit(maker->db, err);
}

static int make_events(struct maker *maker, struct err *err)
{
	OWNED(texts_release) struct texts texts = {0};
	int64_t events = (int64_t)maker->options->events;
	bool shows = isatty(STDERR_FILENO);
	int rc = 0;

	for (int64_t from = 0; from < events && !rc; from += BATCH) {
		int64_t to = from + BATCH < events ? from + BATCH : events;
		rc = make_batch(maker, from, to, &texts, err);
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

static int list_crates(struct maker *maker, unsigned registry, const struct past *named, struct err *err)
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
	const char *name = registries[registry].name;
	const char *url = registries[registry].index_url;
	int rc = watches_configure_registry(maker->db, name, url, &before, err);
	if (!rc)
		rc = watches_configure(maker->db, name, list, n, false, &changes, err);
	if (!rc)
		rc = state_registry(maker->db, name, url, &record, err);
	if (!rc)
		maker->nameless[registry] = record.crate;
	return rc;
}

static int read_crates(struct maker *maker, unsigned registry, size_t *n, struct err *err)
{
	struct stmt st = stmt_use(maker->db, CRATES_OF);

	stmt_put_text(&st, ":registry", registries[registry].name);
	while (*n < maker->options->crates && stmt_row(&st)) {
		struct past *crate = &maker->crates[(*n)++];
		*crate = (struct past){.id = stmt_int(&st, 0), .registry = registry};
		(void)snprintf(crate->name, sizeof crate->name, "%s", stmt_text(&st, 1));
	}
	return stmt_done(&st, err);
}

static int make_crates(struct maker *maker, struct err *err)
{
	struct heads_start start;
	size_t n = 0;

	for (size_t i = 0; i < maker->options->crates; i++)
		synthetic_name(i, maker->options->seed, maker->crates[i].name);
	int rc = db_begin(maker->db, err);
	if (!rc)
		rc = heads_begin(maker->db, &maker->signer, true, FIRST_MS, &start, err);
	for (unsigned r = 0; r < REGISTRIES && !rc; r++)
		rc = list_crates(maker, r, maker->crates, err);
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
	       maker->options->events, maker->options->crates, maker->options->seed, maker->late, maker->hits, FIRST_MS,
	       maker->newest_ms);
	for (unsigned kind = 0; kind < EVENT_KINDS; kind++)
		printf("%s\"%s\": %" PRId64, kind ? ", " : "", event_kind_name((enum event_kind)kind),
		       maker->kinds[kind]);
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
	OWNED_MEM struct past *crates = calloc(options.crates, sizeof *crates);
	struct maker maker = {.options = &options, .crates = crates, .state = options.seed};
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
