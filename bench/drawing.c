/* SPDX-License-Identifier: Apache-2.0 */
/* drawing.c: see drawing.h. */
#include "drawing.h"

#include "base/numbers.h"
#include "synthetic.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define LINE_BYTES 400                         /* of the index line of an event */
#define RANGE_MS (INT64_C(3 * 365) * 86400000) /* in which all of them lie */
#define LATE_MAX_MS (INT64_C(30) * 86400000)   /* how much older an event of the audit trail is at most */
#define LATE_PER_MILLE 20                      /* of the yanks and un-yanks */
#define PROJECTS 500
#define PROJECT_PER_MILLE 20          /* of the yanks, that hit some */
#define POPULAR 1.7                   /* the higher, the more of the events are of few crates */
#define RANK_STRIDE UINT64_C(1000003) /* a prime: each rank is another crate's */

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

/* What is said of every second yank, and of each that has changed. */
static const struct reason_said reason = {
	.has_text = true,
	.text = "Broken on Windows: a path with a space in it is cut off. Use the next one.",
	.by = "a-maintainer",
	.owner = REASON_OWNER,
	.at_ms = DRAWING_FIRST_MS,
};

static uint64_t below(struct drawing *drawing, uint64_t n)
{
	return synthetic_random(&drawing->state) % n;
}

void drawn_event_release(struct drawn_event *event)
{
	strbuf_release(&event->line);
	strbuf_release(&event->members);
	strbuf_release(&event->reason);
}

/* ---- what an event is ---- */

static enum event_kind pick_kind(struct drawing *drawing)
{
	uint64_t dice = below(drawing, 1000000);

	for (size_t i = 0; i < ARRAY_LEN(mix); i++) {
		if (dice < mix[i].per_million)
			return mix[i].kind;
		dice -= mix[i].per_million;
	}
	return EVENT_PUBLISHED;
}

static struct drawn_crate *pick_crate(struct drawing *drawing)
{
	double share = (double)(synthetic_random(&drawing->state) >> 11) * 0x1p-53;
	uint64_t rank = (uint64_t)((double)drawing->n_crates * pow(share, POPULAR));

	return &drawing->crates[rank * RANK_STRIDE % drawing->n_crates];
}

/* A version that is there, or the next one. */
static void pick_version(struct drawing *drawing, struct drawn_crate *crate, enum event_kind kind,
			 struct drawn_event *drawn)
{
	unsigned number = crate->versions;

	if (kind == EVENT_PUBLISHED || number == 0)
		crate->versions++;
	else
		number = (unsigned)below(drawing, number);
	(void)snprintf(drawn->version, sizeof drawn->version, "%u.%u.%u", number / 100, number / 10 % 10, number % 10);
}

static void write_line(const struct drawn_crate *crate, bool yanked, struct drawn_event *drawn)
{
	struct strbuf *line = &drawn->line;
	uint64_t state = (uint64_t)crate->id;
	char hex[2 * CHECKSUM_SIZE + 1];

	hex_encode(drawn->checksum, CHECKSUM_SIZE, hex);
	strbuf_addf(line, "{\"name\":\"%s\",\"vers\":\"%s\",\"deps\":[", crate->name, drawn->version);
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

static void draw_checksum(struct drawing *drawing, struct drawn_event *drawn)
{
	for (size_t i = 0; i < CHECKSUM_SIZE; i += sizeof(uint64_t)) {
		uint64_t bits = synthetic_random(&drawing->state);
		memcpy(drawn->checksum + i, &bits, sizeof bits);
	}
}

static void fill_version(struct drawing *drawing, struct drawn_crate *crate, struct event *event,
			 struct drawn_event *drawn)
{
	pick_version(drawing, crate, event->kind, drawn);
	draw_checksum(drawing, drawn);
	event->version = drawn->version;
	event->yanked = event->kind == EVENT_YANKED || event->kind == EVENT_FINDING_OPENED;
	event->checksum = drawn->checksum;
	write_line(crate, event->yanked, drawn);
	event->line = strbuf_str(&drawn->line);
	event->line_len = drawn->line.len;
}

static void fill_of_crate(struct drawing *drawing, struct drawn_crate *crate, struct event *event,
			  struct drawn_event *drawn)
{
	event->crate = crate->name;
	if (event->kind == EVENT_CRATE_DELETED) {
		event->status = 404;
		drawn->versions[0] = "0.0.0";
		event->versions = drawn->versions;
		event->n_versions = 1;
	} else if (event->kind != EVENT_CRATE_CREATED) {
		fill_version(drawing, crate, event, drawn);
	}
	if (event->kind == EVENT_METADATA_CHANGED)
		event->facets = 1;
	if (event->kind == EVENT_REASON_CHANGED)
		event->reason = &reason;
	if (event->kind == EVENT_CHECKSUM_CHANGED)
		event->previous_checksum = drawn->checksum;
	if (!event_kind_is_of_project(event->kind))
		return;
	(void)snprintf(drawn->project, sizeof drawn->project, "project-%u", (unsigned)below(drawing, PROJECTS));
	event->project = drawn->project;
}

static bool is_flip(enum event_kind kind)
{
	return kind == EVENT_YANKED || kind == EVENT_UNYANKED;
}

/* Now and then one that was found in the audit trail, and is older. */
static void set_times(struct drawing *drawing, int64_t number, struct event *event)
{
	int64_t step_ms = RANGE_MS / (int64_t)drawing->n_events;

	event->observed_at_ms = DRAWING_FIRST_MS + number * step_ms + (int64_t)below(drawing, (uint64_t)step_ms + 1);
	event->at_ms = drawing->newest_ms = event->observed_at_ms;
	if (!is_flip(event->kind) || below(drawing, 1000) >= LATE_PER_MILLE)
		return;
	event->source = EVENT_OF_AUDIT_TRAIL;
	event->at_ms -= (int64_t)below(drawing, below(drawing, LATE_MAX_MS) + 1);
	drawing->late++;
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

/* ---- what is said about it ---- */

static void say(struct drawing *drawing, struct drawn_event *said)
{
	struct strbuf *members = &said->members;
	const struct event *event = &said->event;

	strbuf_addf(members,
		    "\"usable_versions\":%u,\"replacement\":{\"version\":\"%s\",\"compatible\":true,"
		    "\"command\":\"cargo update -p %s --precise %s\"}",
		    (unsigned)below(drawing, 20) + 1, event->version, event->crate, event->version);
	if (said->n_hits)
		strbuf_addf(members,
			    ",\"findings\":[{\"project\":\"%s\",\"locked\":true,\"requirements\":[\"^1.2\"],"
			    "\"severity\":\"high\",\"path\":[\"app\",\"%s\"]}]",
			    said->hits[0], event->crate);
}

static void say_reason(struct drawn_event *said)
{
	struct json_writer w = {.out = &said->reason};

	json_open(&w, NULL, '{');
	reason_put_members(&w, &reason);
	json_close(&w, '}');
}

static void hit_projects(struct drawing *drawing, struct drawn_event *said)
{
	uint64_t first = below(drawing, PROJECTS);

	said->n_hits = below(drawing, 1000) < PROJECT_PER_MILLE ? 1 + below(drawing, DRAWING_HITS_MAX) : 0;
	for (size_t i = 0; i < said->n_hits; i++)
		(void)snprintf(said->hits[i], sizeof said->hits[i], "project-%u", (unsigned)((first + i) % PROJECTS));
}

static void annotate(struct drawing *drawing, struct drawn_event *said)
{
	const struct event *event = &said->event;

	said->n_hits = 0;
	if (event->project) {
		said->n_hits = 1;
		memcpy(said->hits[0], said->project, sizeof said->hits[0]);
	} else if (event->kind == EVENT_YANKED) {
		hit_projects(drawing, said);
	} else {
		return;
	}
	drawing->hits += (int64_t)said->n_hits;
	say(drawing, said);
	if (event->kind == EVENT_YANKED && event->seq % 2 == 0)
		say_reason(said);
}

/* ---- one after the other ---- */

static void fill(struct drawing *drawing, struct drawn_event *drawn)
{
	struct event *event = &drawn->event;

	if (event_kind_is_of_registry(event->kind)) {
		event->since_ms = event->at_ms;
		event->detail = "no good answer for 15 minutes";
		return;
	}
	(void)snprintf(drawn->etag, sizeof drawn->etag, "\"%016" PRIx64 "%016" PRIx64 "\"",
		       synthetic_random(&drawing->state), synthetic_random(&drawing->state));
	event->etag = drawn->etag;
	event->last_modified = event->observed_at_ms / 1000;
	fill_of_crate(drawing, drawn->crate, event, drawn);
}

bool drawing_next(struct drawing *drawing, int64_t seq, struct drawn_event *drawn)
{
	struct event *event = &drawn->event;

	strbuf_reset(&drawn->line);
	strbuf_reset(&drawn->members);
	strbuf_reset(&drawn->reason);
	drawn->crate = pick_crate(drawing);
	*event = (struct event){.seq = seq, .kind = pick_kind(drawing)};
	set_times(drawing, seq - 1, event);
	event->registry = drawn->crate->registry->name;
	event->index_url = drawn->crate->registry->index_url;
	event->severity = severity_of(event->kind, true);
	fill(drawing, drawn);
	identify(event);
	drawing->kinds[event->kind]++;
	annotate(drawing, drawn);
	return !strbuf_failed(&drawn->line) && !strbuf_failed(&drawn->members) && !strbuf_failed(&drawn->reason);
}
