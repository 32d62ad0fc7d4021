/* SPDX-License-Identifier: Apache-2.0 */
/* subject.c: see subject.h. */
#include "model/subject.h"

#include <string.h>

#define CHANGES_TOLD 4 /* of one version; of more only the last is told */

static const struct {
	const char *one;  /* after "demo-crate 1.2.3" */
	const char *many; /* after a number */
} said[EVENT_KINDS] = {
	[EVENT_PUBLISHED] = {"published", "published"},
	[EVENT_YANKED] = {"yanked", "yanked"},
	[EVENT_UNYANKED] = {"un-yanked", "un-yanked"},
	[EVENT_VERSION_DELETED] = {"deleted from the registry", "deleted"},
	[EVENT_CRATE_DELETED] = {"is gone from the registry", "gone"},
	[EVENT_CRATE_CREATED] = {"is in the registry now", "new in the registry"},
	[EVENT_CHECKSUM_CHANGED] = {"has another checksum than before", "with another checksum"},
	[EVENT_METADATA_CHANGED] = {"has other metadata than before", "with other metadata"},
	[EVENT_REGISTRY_BLIND] = {"cannot be polled", "not to be polled"},
	[EVENT_REGISTRY_BACK] = {"is well again", "well again"},
	[EVENT_REGISTRY_INCIDENT] = {"has lost crates or its config.json: deletions are held back", "with crates lost"},
	[EVENT_FINDING_OPENED] = {"found bad in a project", "found bad in projects"},
	[EVENT_FINDING_RESOLVED] = {"resolved in a project", "resolved in projects"},
	[EVENT_REPLACEMENT_AVAILABLE] = {"can be replaced in a project", "that can be replaced"},
	[EVENT_REASON_CHANGED] = {"has news of why it was yanked", "with news of why"},
};

/* What several events have in common. */
struct summary {
	size_t counts[EVENT_KINDS];
	enum severity worst;
	bool one_crate, one_version, one_registry, one_kind;
	bool of_projects; /* all of them are of one */
	size_t crates, registries, projects;
};

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* How many different names there are, "" not counted. `names` is put in order. */
static size_t count_distinct(const char **names, size_t n)
{
	size_t distinct = 0;

	qsort(names, n, sizeof *names, compare_names);
	for (size_t i = 0; i < n; i++)
		distinct += names[i][0] && (i == 0 || strcmp(names[i], names[i - 1]) != 0);
	return distinct;
}

static bool summarize(struct summary *sum, const struct subject_event *events, size_t n)
{
	OWNED_MEM const char **crates = calloc(n, sizeof *crates);
	OWNED_MEM const char **registries = calloc(n, sizeof *registries);
	OWNED_MEM const char **projects = calloc(n, sizeof *projects);

	if (!crates || !registries || !projects)
		return false;
	*sum = (struct summary){
		.one_crate = true, .one_version = true, .one_registry = true, .one_kind = true, .of_projects = true};
	for (size_t i = 0; i < n; i++) {
		const struct subject_event *event = &events[i];
		sum->counts[event->kind]++;
		sum->worst = event->severity > sum->worst ? event->severity : sum->worst;
		sum->one_kind &= event->kind == events[0].kind;
		sum->one_registry &= strcmp(event->registry, events[0].registry) == 0;
		sum->one_crate &= sum->one_registry && strcmp(event->crate, events[0].crate) == 0;
		sum->one_version &= sum->one_crate && strcmp(event->version, events[0].version) == 0;
		sum->of_projects &= event->project != NULL;
		crates[i] = event->crate;
		registries[i] = event->registry;
		projects[i] = event->project ? event->project : "";
	}
	sum->crates = count_distinct(crates, n);
	sum->registries = count_distinct(registries, n);
	sum->projects = count_distinct(projects, n);
	return true;
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

/* "demo-crate", or "registry crates-io". */
static void add_name(struct strbuf *out, const struct subject_event *event)
{
	if (event->crate[0])
		strbuf_adds(out, event->crate);
	else
		strbuf_addf(out, "registry %s", event->registry);
}

static void add_locked(struct strbuf *out, const struct subject_event *event)
{
	if (!event->locked)
		return;
	if (event->n_locked > 1)
		strbuf_addf(out, ": %s and %zu more lock it", event->locked, event->n_locked - 1);
	else
		strbuf_addf(out, ": %s locks it", event->locked);
}

static void add_one(struct strbuf *out, const struct subject_event *event)
{
	strbuf_addf(out, "[%s] ", severity_name(event->severity));
	if (event->sentence) {
		strbuf_adds(out, event->sentence);
		return;
	}
	add_name(out, event);
	if (event->version[0])
		strbuf_addf(out, " %s", event->version);
	strbuf_addf(out, " %s", said[event->kind].one);
	add_locked(out, event);
}

/* One version, or the crate as a whole: what happened in its order, or what came of it. */
static void add_changes(struct strbuf *out, const struct subject_event *events, size_t n)
{
	if (events[0].version[0])
		strbuf_addf(out, " %s", events[0].version);
	strbuf_adds(out, ": ");
	if (n > CHANGES_TOLD) {
		strbuf_addf(out, "%zu changes, at last %s", n, said[events[n - 1].kind].one);
		return;
	}
	for (size_t i = 0; i < n; i++)
		strbuf_addf(out, "%s%s", i ? ", then " : "", said[events[i].kind].one);
}

/* "9 yanked, 3 published": the most first. */
static void add_counts(struct strbuf *out, const struct summary *sum)
{
	bool told[EVENT_KINDS] = {false};
	const char *comma = "";

	for (unsigned turn = 0; turn < EVENT_KINDS; turn++) {
		unsigned most = EVENT_KINDS;
		for (unsigned kind = 0; kind < EVENT_KINDS; kind++)
			if (!told[kind] && sum->counts[kind] &&
			    (most == EVENT_KINDS || sum->counts[kind] > sum->counts[most]))
				most = kind;
		if (most == EVENT_KINDS)
			return;
		told[most] = true;
		strbuf_addf(out, "%s%zu %s", comma, sum->counts[most], said[most].many);
		comma = ", ";
	}
}

static void add_of_one_crate(struct strbuf *out, const struct summary *sum, const struct subject_event *events,
			     size_t n)
{
	add_name(out, &events[0]);
	if (sum->one_version) {
		add_changes(out, events, n);
	} else if (sum->one_kind) {
		strbuf_addf(out, ": %zu versions %s (%s to %s)", n, said[events[0].kind].many, events[0].version,
			    events[n - 1].version);
	} else {
		strbuf_adds(out, ": ");
		add_counts(out, sum);
	}
}

static void add_of_many(struct strbuf *out, const struct summary *sum, const struct subject_event *events, size_t n)
{
	strbuf_addf(out, "%zu events", n);
	if (sum->crates)
		strbuf_addf(out, " of %zu crate%s", sum->crates, plural(sum->crates));
	if (sum->registries == 1)
		strbuf_addf(out, " in %s: ", events[0].registry);
	else
		strbuf_addf(out, " in %zu registries: ", sum->registries);
	add_counts(out, sum);
}

/* "3 findings opened, 1 resolved". */
static void add_findings(struct strbuf *out, const struct summary *sum)
{
	static const struct {
		enum event_kind kind;
		const char *noun, *verb;
	} rows[] = {
		{EVENT_FINDING_OPENED, "finding", "opened"},
		{EVENT_FINDING_RESOLVED, "finding", "resolved"},
		{EVENT_REPLACEMENT_AVAILABLE, "replacement", "available"},
	};
	const char *before = NULL;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t count = sum->counts[rows[i].kind];
		if (!count)
			continue;
		strbuf_addf(out, "%s%zu ", before ? ", " : "", count);
		if (!before || strcmp(before, rows[i].noun) != 0)
			strbuf_addf(out, "%s%s ", rows[i].noun, plural(count));
		strbuf_adds(out, rows[i].verb);
		before = rows[i].noun;
	}
}

/* Events of projects alone: by what they have in common. */
static void add_of_projects(struct strbuf *out, const struct summary *sum, const struct subject_event *events)
{
	if (sum->projects == 1)
		strbuf_adds(out, events[0].project);
	else if (sum->one_version)
		strbuf_addf(out, "%s %s", events[0].crate, events[0].version);
	else if (sum->one_crate)
		strbuf_adds(out, events[0].crate);
	if (sum->projects > 1)
		strbuf_addf(out, "%s%zu projects", sum->one_crate ? " in " : "", sum->projects);
	strbuf_adds(out, ": ");
	add_findings(out, sum);
}

static void add_many(struct strbuf *out, const struct subject_event *events, size_t n)
{
	struct summary sum;

	if (!summarize(&sum, events, n)) {
		out->failed = true;
		return;
	}
	strbuf_addf(out, "[%s] ", severity_name(sum.worst));
	if (sum.of_projects)
		add_of_projects(out, &sum, events);
	else if (sum.one_crate)
		add_of_one_crate(out, &sum, events, n);
	else
		add_of_many(out, &sum, events, n);
}

/* Not in the middle of a character. */
static size_t cut_at(const char *text, size_t max)
{
	while (max > 0 && ((unsigned char)text[max] & 0xc0) == 0x80)
		max--;
	return max;
}

void subject_write(struct strbuf *out, const struct subject_event *events, size_t n)
{
	static const char more[] = "...";
	OWNED_STRBUF struct strbuf line = {0};

	if (n == 1)
		add_one(&line, &events[0]);
	else if (n)
		add_many(&line, events, n);
	out->failed |= strbuf_failed(&line);
	if (line.len <= SUBJECT_MAX) {
		strbuf_add(out, strbuf_str(&line), line.len);
	} else {
		strbuf_add(out, strbuf_str(&line), cut_at(strbuf_str(&line), SUBJECT_MAX - (sizeof more - 1)));
		strbuf_adds(out, more);
	}
}
