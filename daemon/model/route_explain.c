/* SPDX-License-Identifier: Apache-2.0 */
/* route_explain.c: see route_explain.h. */
#include "model/route_explain.h"

#include "base/numbers.h"

#define LISTED_MAX 8 /* names of a list that are told */

static void add_list(struct strbuf *out, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n && i < LISTED_MAX; i++)
		strbuf_addf(out, "%s%s", i ? ", " : "", names[i]);
	if (n > LISTED_MAX)
		strbuf_addf(out, " and %zu more", n - LISTED_MAX);
}

static void add_kinds(struct strbuf *out, uint32_t kinds)
{
	const char *names[EVENT_KINDS];
	size_t n = 0;

	for (unsigned kind = 0; kind < EVENT_KINDS; kind++)
		if (kinds & 1u << kind)
			names[n++] = event_kind_name((enum event_kind)kind);
	add_list(out, names, n);
}

static void add_crates(struct strbuf *out, const struct route *route, const char *crate)
{
	if (*crate)
		strbuf_addf(out, "crates: %s matches none of ", crate);
	else
		strbuf_adds(out, "crates: an event of a registry has none, and so matches none of ");
	add_list(out, route->crates, route->n_crates);
}

static void add_projects(struct strbuf *out, const struct route *route, const struct routed_event *event)
{
	strbuf_adds(out,
		    event->n_projects ? "no project that it hits is among " : "it hits no project, and so none of ");
	if (route->n_projects)
		strbuf_adds(out, "projects: ");
	add_list(out, route->projects, route->n_projects);
	if (route->n_teams)
		strbuf_adds(out, route->n_projects ? "; teams: " : "teams: ");
	add_list(out, route->teams, route->n_teams);
}

void route_write_miss(const struct route *route, const struct routed_event *event, struct strbuf *out)
{
	switch (route_missed(route, event)) {
	case ROUTE_MATCHES:
		return;
	case ROUTE_EVENTS:
		strbuf_addf(out, "events: %s is none of ", event_kind_name(event->kind));
		add_kinds(out, route->kinds);
		return;
	case ROUTE_MIN_SEVERITY:
		strbuf_addf(out, "min_severity: %s is below %s", severity_name(event->severity),
			    severity_name(route->at_least));
		return;
	case ROUTE_REGISTRIES:
		strbuf_addf(out, "registries: %s is none of ", event->registry);
		add_list(out, route->registries, route->n_registries);
		return;
	case ROUTE_CRATES:
		add_crates(out, route, event->crate);
		return;
	case ROUTE_PROJECTS:
		add_projects(out, route, event);
		return;
	}
}

void grouping_write_words(const struct grouping *grouping, struct strbuf *out)
{
	char wait[DURATION_TEXT_MAX];
	const char *by = group_by_name(grouping->by);

	switch (grouping->digest) {
	case DIGEST_NONE:
		if (!grouping_waits(grouping))
			strbuf_adds(out, "at once");
		else if (grouping->by == GROUP_BY_NONE)
			strbuf_addf(out, "after %s, by itself", duration_format(grouping->wait_ms, wait));
		else
			strbuf_addf(out, "%s after the first of its %s", duration_format(grouping->wait_ms, wait), by);
		return;
	case DIGEST_HOURLY:
		strbuf_addf(out, "at the next full hour, by %s", by);
		return;
	case DIGEST_DAILY:
		strbuf_addf(out, "daily at %02u:%02u, by %s", grouping->digest_minute / 60,
			    grouping->digest_minute % 60, by);
		return;
	}
}
