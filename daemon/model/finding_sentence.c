/* SPDX-License-Identifier: Apache-2.0 */
/* finding_sentence.c: see finding_sentence.h. */
#include "model/finding_sentence.h"

#include "model/words.h"

#include <string.h>

/* What is wrong with the version, as the finding's "state" has it. The last row: a state that is not told. */
static const struct state {
	const char *name;
	const char *which, *where; /* "which is yanked" " in " REGISTRY */
	bool alone;                /* without a registry `where` is left out, else it is "the registry" */
	const char *adjective;     /* "the yanked 1.2.3" */
	const char *again;         /* how it is good again */
} states[] = {
	{"yanked", "which is yanked", " in ", true, "yanked ", "was un-yanked"},
	{"deleted", "which was deleted", " from ", false, "deleted ", "is in the registry again"},
	{"missing", "which is not", " in ", false, "missing ", "is in the registry now"},
	{"checksum_differs", "which has another checksum", " in ", false, "", "has the lockfile's checksum again"},
	{NULL, "which is bad", " in ", true, "", "is good again"},
};

/* The words of one event. */
struct words {
	const cJSON *event;
	const cJSON *finding; /* NULL: it carries none */
	const char *project, *crate, *version;
	const struct state *state;
	const char *registry;
	finding_add_name *add;
};

static const struct state *state_of(const cJSON *event, const cJSON *finding)
{
	const char *name = json_string(finding, "state");
	size_t i = 0;

	if (!name && json_bool(event, "yanked", false))
		name = "yanked";
	while (states[i].name && !(name && strcmp(states[i].name, name) == 0))
		i++;
	return &states[i];
}

static void add_crate(struct strbuf *out, const struct words *words, const char *version)
{
	words->add(out, words->crate);
	strbuf_addc(out, ' ');
	words->add(out, version);
}

static void say_opened(struct strbuf *out, const struct words *words)
{
	const struct state *state = words->state;

	words->add(out, words->project);
	strbuf_adds(out, " locks ");
	add_crate(out, words, words->version);
	strbuf_addf(out, ", %s", state->which);
	if (words->registry || !state->alone)
		strbuf_adds(out, state->where);
	if (words->registry)
		words->add(out, words->registry);
	else if (!state->alone)
		strbuf_adds(out, "the registry");
}

/* Or is the version good again? */
static bool has_moved(const struct words *words)
{
	if (cJSON_IsBool(json_member(words->finding, "locked")))
		return !json_bool(words->finding, "locked", true);
	return json_bool(words->event, "yanked", false);
}

/* Its project or registry was taken out of the configuration: nobody says that it moved. */
static void say_unwatched(struct strbuf *out, const struct words *words)
{
	add_crate(out, words, words->version);
	strbuf_adds(out, " of ");
	words->add(out, words->project);
	strbuf_adds(out, " is not watched any more");
}

static void say_resolved(struct strbuf *out, const struct words *words)
{
	if (!json_bool(words->finding, "watched", true)) {
		say_unwatched(out, words);
		return;
	}
	if (has_moved(words)) {
		words->add(out, words->project);
		strbuf_adds(out, " no longer uses ");
		add_crate(out, words, words->version);
		return;
	}
	add_crate(out, words, words->version);
	strbuf_adds(out, ", which ");
	words->add(out, words->project);
	strbuf_addf(out, " locks, %s", words->state->again);
}

static void say_replacement(struct strbuf *out, const struct words *words)
{
	const char *version = json_string(words->finding, "would_pick");

	if (!version)
		version = json_string(json_member(words->event, "replacement"), "version");
	if (version) {
		add_crate(out, words, version);
		strbuf_adds(out, " can replace the ");
	} else {
		words->add(out, words->crate);
		strbuf_adds(out, " has a version now that can replace the ");
	}
	strbuf_adds(out, words->state->adjective);
	words->add(out, words->version);
	strbuf_adds(out, " that ");
	words->add(out, words->project);
	strbuf_adds(out, " locks");
}

bool finding_sentence(struct strbuf *out, const cJSON *event, const char *registry, finding_add_name *add)
{
	static void (*const say[EVENT_KINDS])(struct strbuf *, const struct words *) = {
		[EVENT_FINDING_OPENED] = say_opened,
		[EVENT_FINDING_RESOLVED] = say_resolved,
		[EVENT_REPLACEMENT_AVAILABLE] = say_replacement,
	};
	const cJSON *finding = cJSON_GetArrayItem(json_member(event, "findings"), 0);
	const struct words words = {
		.event = event,
		.finding = finding,
		.project = json_string(event, "project"),
		.crate = json_string(event, "crate"),
		.version = json_string(event, "version"),
		.state = state_of(event, finding),
		.registry = registry,
		.add = add,
	};
	const char *name = json_string(event, "event");
	enum event_kind kind;

	if (!name || !event_kind_parse(name, &kind) || !say[kind] || !words.project || !words.crate || !words.version)
		return false;
	say[kind](out, &words);
	return true;
}
