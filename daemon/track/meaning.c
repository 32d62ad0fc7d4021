/* SPDX-License-Identifier: Apache-2.0 */
/* meaning.c: see meaning.h. */
#include "track/meaning.h"

#include "base/list.h"

#include <string.h>

void meaning_release(struct meaning *meaning)
{
	for (size_t i = 0; i < meaning->n; i++) {
		free((char *)meaning->items[i].project);
		free((char *)meaning->items[i].team);
	}
	free(meaning->items);
	strbuf_release(&meaning->findings);
	strbuf_release(&meaning->members);
	*meaning = (struct meaning){0};
}

/* Lists are in the order of severity, and the findings of one project seldom far from each other. */
static bool add_project(struct meaning *meaning, const struct impact_found *found)
{
	for (size_t i = meaning->n; i-- > 0;) {
		if (strcmp(meaning->items[i].project, found->project_name) == 0) {
			meaning->items[i].locked |= found->locked;
			return true;
		}
	}
	if (!LIST_ROOM(meaning))
		return false;
	struct event_project *project = &meaning->items[meaning->n];
	*project = (struct event_project){strdup(found->project_name), strdup(found->team), found->locked};
	meaning->n++;
	return project->project && project->team;
}

static void add_finding(struct meaning *meaning, const struct impact_found *found, const char *state)
{
	if (!found->json.len || meaning->findings.len + found->json.len > MEANING_BYTES_MAX) {
		meaning->more++;
		return;
	}
	if (meaning->n_findings++)
		strbuf_addc(&meaning->findings, ',');
	if (!state) {
		strbuf_add(&meaning->findings, found->json.data, found->json.len);
		return;
	}
	strbuf_add(&meaning->findings, found->json.data, found->json.len - 1); /* all but the closing brace */
	strbuf_addf(&meaning->findings, ",\"state\":\"%s\"}", state);
}

int meaning_add(struct meaning *meaning, const struct impact_list *list, const char *state, bool locked_only,
		struct err *err)
{
	meaning->belongs |= list->belongs;
	for (size_t i = 0; i < list->n; i++) {
		const struct impact_found *found = &list->items[i];
		if (locked_only && !found->locked)
			continue;
		if (!add_project(meaning, found))
			return err_nomem(err);
		add_finding(meaning, found, state);
		if (found->severity > meaning->worst)
			meaning->worst = found->severity;
	}
	return strbuf_failed(&meaning->findings) ? err_nomem(err) : 0;
}

int meaning_notes(struct meaning *meaning, const struct impact_crate *crate, const char *version,
		  struct recording_notes *ret, struct err *err)
{
	struct json_writer w = {.out = &meaning->members};

	if (crate)
		impact_put_replacement(&w, crate, version);
	if (meaning->n_findings) {
		json_open(&w, "findings", '[');
		strbuf_add(w.out, meaning->findings.data, meaning->findings.len);
		json_close(&w, ']');
	}
	if (meaning->more)
		json_put_int(&w, "more_findings", (int64_t)meaning->more);
	if (strbuf_failed(&meaning->members))
		return err_nomem(err);
	*ret = (struct recording_notes){
		.members = meaning->members.len ? strbuf_str(&meaning->members) : NULL,
		.projects = meaning->items,
		.n_projects = meaning->n,
	};
	return 0;
}
