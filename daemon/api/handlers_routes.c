/* SPDX-License-Identifier: Apache-2.0 */
/* handlers_routes.c: where an event would go, and why. Nothing is stored or sent. */
#include "api/arguments.h"
#include "api/handlers.h"
#include "api/silence_json.h"
#include "base/clock.h"
#include "model/index_path.h"
#include "model/route_explain.h"
#include "store/query_findings.h"

#include <stdlib.h>
#include <string.h>

/* The event that is asked about. */
struct question {
	struct routed_event event;
	const char *version;             /* "" = none */
	struct watch_listing listing;    /* of its crate */
	struct impact_list hits;         /* what its version hits now */
	struct routed_project *projects; /* owned; the event's */
};

static void question_release(struct question *question)
{
	watch_listing_release(&question->listing);
	impact_list_release(&question->hits);
	free(question->projects);
}

static int take_kind(const struct request *request, enum event_kind *ret, struct err *err)
{
	const char *text = request->argument(request, "event");

	*ret = EVENT_YANKED;
	return text ? kind_parse(text, ret, err) : 0;
}

static int take_crate(const struct request *request, struct question *question, struct err *err)
{
	const char *crate = request->argument(request, "crate");
	const char *version = request->argument(request, "version");
	const char *kind = event_kind_name(question->event.kind);
	bool has_crate = !event_kind_is_of_registry(question->event.kind);

	question->event.crate = crate ? crate : "";
	question->version = version ? version : "";
	if (!has_crate && (crate || version))
		return err_set(err, ERR_BAD, "crate: a %s is of a registry as a whole: leave crate and version away",
			       kind);
	if (has_crate && !crate)
		return err_set(err, ERR_BAD, "crate: is missing: which crate is %s?", kind);
	if (has_crate && !crate_name_valid(crate))
		return err_set(err, ERR_BAD, "crate: \"%.64s\" " CRATE_NAME_FAULT, crate);
	return 0;
}

/* The one that is given, the one where the crate is watched, or the only one there is. */
static int take_registry(const struct request *request, struct question *question, struct err *err)
{
	OWNED_STRBUF struct strbuf advice = {0};
	struct names names = registries_names(request->config);
	const char *given = request->argument(request, "registry");
	size_t i = 0;

	if (given && !names_find(&names, given, &i)) {
		names_advise(&names, given, &advice);
		return err_set(err, ERR_ABSENT, "registry: there is no registry \"%.64s\"%s", given,
			       strbuf_str(&advice));
	}
	struct db *db = readers_borrow(request->readers, API_QUERY_MS);
	int rc = query_listing(db, given, question->event.crate, &question->listing, err);
	readers_return(request->readers, db);
	if (rc)
		return rc;
	if (given)
		question->event.registry = given;
	else if (question->listing.count == 1)
		question->event.registry = question->listing.registry;
	else if (request->config->n_registries == 1)
		question->event.registry = request->config->registries[0].name;
	else
		return err_set(err, ERR_BAD, "registry: which one: it is %s",
			       question->listing.count ? "watched in several" : "watched in none");
	return 0;
}

/* The team is given, or the configuration's. */
static const char *find_team(const struct request *request, const char *project)
{
	const struct config *config = request->config;
	const char *given = request->argument(request, "team");

	for (size_t i = 0; i < config->n_projects && !given; i++)
		if (strcmp(config->projects[i].name, project) == 0)
			given = config->projects[i].team;
	return given ? given : "";
}

static int check_project(const struct request *request, enum event_kind kind, struct err *err)
{
	const char *project = request->argument(request, "project");

	if (!project && request->argument(request, "team"))
		return err_set(err, ERR_BAD, "team: of which project? Give project, too");
	if (!project && event_kind_is_of_project(kind))
		return err_set(err, ERR_BAD, "project: is missing: a %s is of one", event_kind_name(kind));
	if (project && event_kind_is_of_registry(kind))
		return err_set(err, ERR_BAD, "project: a %s hits none: leave it away", event_kind_name(kind));
	return 0;
}

/* Whom such an event of that version hits now, as the tracker asks when it comes. */
static int find_hits(const struct request *request, struct question *question, struct err *err)
{
	static const uint32_t kinds = 1u << EVENT_YANKED | 1u << EVENT_UNYANKED | 1u << EVENT_VERSION_DELETED |
				      1u << EVENT_CHECKSUM_CHANGED | 1u << EVENT_METADATA_CHANGED;
	const struct routed_event *event = &question->event;

	if (!*question->version || !(kinds & 1u << event->kind))
		return 0;
	struct db *db = readers_borrow(request->readers, API_QUERY_MS);
	int rc = query_hits(db, event->registry, event->crate, question->version, event->kind, &question->hits, err);
	readers_return(request->readers, db);
	return rc;
}

/* A project with several lockfiles is one. */
static void add_project(struct question *question, const char *project, const char *team)
{
	size_t n = question->event.n_projects;

	for (size_t i = 0; i < n; i++)
		if (strcmp(question->projects[i].project, project) == 0)
			return;
	question->projects[n] = (struct routed_project){project, team};
	question->event.n_projects = n + 1;
}

/* The one that is asked about, or all that it hits now. */
static int take_projects(const struct request *request, struct question *question, struct err *err)
{
	const struct impact_list *hits = &question->hits;
	const char *given = request->argument(request, "project");

	int rc = check_project(request, question->event.kind, err);
	if (!rc)
		rc = find_hits(request, question, err);
	if (rc)
		return rc;
	question->projects = calloc(hits->n + 1, sizeof *question->projects);
	if (!question->projects)
		return err_nomem(err);
	question->event.projects = question->projects;
	if (given)
		add_project(question, given, find_team(request, given));
	for (size_t i = 0; i < hits->n && !given; i++)
		add_project(question, hits->items[i].project_name, hits->items[i].team);
	return 0;
}

/* That of the worst finding, of the one project or of all. */
static int take_severity(const struct request *request, struct question *question, struct err *err)
{
	const struct impact_list *hits = &question->hits;
	const char *given = request->argument(request, "project");
	const struct impact_listing listing = {.belongs = hits->belongs,
					       .named = question->listing.count != 1 || !question->listing.bulk};
	size_t i = 0;

	while (given && i < hits->n && strcmp(hits->items[i].project_name, given) != 0)
		i++;
	const enum severity *worst = i < hits->n ? &hits->items[i].severity : NULL;
	question->event.severity = impact_event_severity(question->event.kind, listing, worst, worst != NULL);
	return argument_severity(request, "severity", &question->event.severity, err);
}

static int take_question(const struct request *request, struct question *question, struct err *err)
{
	int rc = take_kind(request, &question->event.kind, err);

	if (!rc)
		rc = take_crate(request, question, err);
	if (!rc)
		rc = take_registry(request, question, err);
	if (!rc)
		rc = take_projects(request, question, err);
	return rc ? rc : take_severity(request, question, err);
}

/* ---- the answer ---- */

static void put_hits(struct json_writer *w, const struct question *question)
{
	json_open(w, "hits", '[');
	for (size_t i = 0; i < question->event.n_projects; i++)
		json_put_string(w, NULL, question->projects[i].project);
	json_close(w, ']');
}

static void put_event(struct json_writer *w, const struct question *question, const char *given)
{
	json_open(w, "event", '{');
	json_put_string(w, "registry", question->event.registry);
	if (*question->event.crate) {
		json_put_string(w, "crate", question->event.crate);
		json_put_bool(w, "watched", question->listing.count > 0);
	}
	if (*question->version)
		json_put_string(w, "version", question->version);
	json_put_string(w, "event", event_kind_name(question->event.kind));
	if (given)
		json_put_string(w, "project", given);
	json_put_string(w, "severity", severity_name(question->event.severity));
	if (!given && question->event.n_projects)
		put_hits(w, question);
	json_close(w, '}');
}

static void put_notify(struct json_writer *w, const struct config *config, const struct route *route)
{
	json_open(w, "notify", '[');
	for (size_t i = 0; i < config->n_notifiers; i++)
		if (route->notifiers & UINT64_C(1) << i)
			json_put_string(w, NULL, config->notifiers[i].name);
	json_close(w, ']');
}

/* Of the i-th route; `stopped` is the line of the one that stopped the event before, 0 if none did. */
static bool put_route(struct json_writer *w, const struct config *config, size_t i, const struct routed_event *event,
		      unsigned stopped)
{
	OWNED_STRBUF struct strbuf why = {0};
	const struct route *route = &config->routes[i];
	bool matches = !stopped && route_matches(route, event);

	json_open(w, NULL, '{');
	json_put_int(w, "route", (int64_t)i);
	json_put_int(w, "line", config->route_lines[i]);
	json_put_bool(w, "matches", matches);
	put_notify(w, config, route);
	if (matches && route->stop)
		strbuf_adds(&why, "stop: it goes on to no further route");
	else if (stopped)
		strbuf_addf(&why, "not asked: the route of line %u stops it", stopped);
	else
		route_write_miss(route, event, &why);
	if (why.len)
		json_put_string(w, "why", strbuf_str(&why));
	json_close(w, '}');
	w->out->failed |= strbuf_failed(&why);
	return matches && route->stop;
}

static void put_routes(struct json_writer *w, const struct config *config, const struct routed_event *event)
{
	unsigned stopped = 0;

	json_open(w, "routes", '[');
	for (size_t i = 0; i < config->n_routes; i++)
		if (put_route(w, config, i, event, stopped))
			stopped = config->route_lines[i];
	json_close(w, ']');
}

static void put_notifiers(struct json_writer *w, const struct config *config, const struct routed_event *event)
{
	struct routing routing;

	routes_lead(config->routes, config->n_routes, event, &routing);
	json_open(w, "notifiers", '[');
	for (size_t i = 0; i < config->n_notifiers; i++) {
		OWNED_STRBUF struct strbuf when = {0};
		if (!(routing.notifiers & UINT64_C(1) << i))
			continue;
		grouping_write_words(&routing.routes[i]->grouping, &when);
		json_open(w, NULL, '{');
		json_put_string(w, "notifier", config->notifiers[i].name);
		json_put_int(w, "route", routing.routes[i] - config->routes);
		json_put_string(w, "when", strbuf_str(&when));
		json_close(w, '}');
		w->out->failed |= strbuf_failed(&when);
	}
	json_close(w, ']');
}

struct matching {
	struct json_writer *w;
	const struct question *question;
	int64_t now_ms;
};

static void list_matching(void *ctx, const struct silence_row *row)
{
	struct matching *matching = ctx;
	const struct question *question = matching->question;

	if (silence_matches(&row->silence.match, &question->event, question->version))
		silence_write(matching->w, row, matching->now_ms);
}

static int put_silences(const struct request *request, struct json_writer *w, const struct question *question,
			struct err *err)
{
	struct matching matching = {w, question, clock_wall_ms()};

	json_open(w, "silences", '[');
	struct db *db = readers_borrow(request->readers, API_QUERY_MS);
	int rc = silences_list(db, true, matching.now_ms, list_matching, &matching, err);
	readers_return(request->readers, db);
	json_close(w, ']');
	return rc;
}

/* Whoever was told of what it takes back or makes better is told of it, whatever the routes say. */
static bool follows(enum event_kind kind)
{
	return kind == EVENT_UNYANKED || kind == EVENT_REASON_CHANGED || kind == EVENT_FINDING_RESOLVED ||
	       kind == EVENT_REPLACEMENT_AVAILABLE;
}

int handle_route_explain(struct request *request, struct err *err)
{
	OWNED(question_release) struct question question = {0};
	struct json_writer w = {.out = &request->answer};

	int rc = take_question(request, &question, err);
	if (rc)
		return rc;
	json_open(&w, NULL, '{');
	put_event(&w, &question, request->argument(request, "project"));
	put_routes(&w, request->config, &question.event);
	put_notifiers(&w, request->config, &question.event);
	json_put_bool(&w, "follows_yank", follows(question.event.kind));
	rc = put_silences(request, &w, &question, err);
	json_close(&w, '}');
	return rc;
}
