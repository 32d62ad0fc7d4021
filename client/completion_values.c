/* SPDX-License-Identifier: Apache-2.0 */
/* completion_values.c: see completion_values.h. */
#include "completion_values.h"

#include "ask.h"
#include "model/words.h"

#include <stdio.h>
#include <string.h>

#define NAMES_MAX "1000"
#define NAME_BYTES "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.+@"

enum kind_of_value { ANY, FILES, WORDS, KINDS, SEVERITY_WORDS, NAMES };

/* Names that the daemon knows: the list `member` of its answer, and of each item `key`, told by `help`. */
struct names_of {
	const char *path;
	bool by_prefix; /* the daemon finds those that begin so */
	const char *member, *key, *help;
};

static const struct names_of crates = {"/v1/crates", true, "crates", "crate", "registry"};
static const struct names_of registries = {"/v1/status", false, "registries", "registry", "state"};
static const struct names_of projects = {"/v1/projects", false, "projects", "name", "team"};
static const struct names_of notifiers = {"/v1/notifiers", false, "notifiers", "notifier", "plugin"};
static const struct names_of silences = {"/v1/silences?state=active", false, "silences", "id", "comment"};
static const struct names_of notifications = {"/v1/notifications?limit=50", false, "notifications", "id", "subject"};

struct value_row {
	const char *command; /* its beginning; "" = any */
	const char *name;    /* of the option, or of the operand as the usage has it */
	enum kind_of_value kind;
	const char *words; /* by blanks */
	const struct names_of *names;
};

static const struct value_row options[] = {
	{"", "socket", FILES, NULL, NULL},
	{"", "output", FILES, NULL, NULL},
	{"", "head", FILES, NULL, NULL},
	{"", "event", KINDS, NULL, NULL},
	{"", "severity", SEVERITY_WORDS, NULL, NULL},
	{"", "min-severity", SEVERITY_WORDS, NULL, NULL},
	{"", "fail-on", SEVERITY_WORDS, NULL, NULL},
	{"check", "format", WORDS, "human json sarif github", NULL},
	{"export", "format", WORDS, "jsonl csv", NULL},
	{"notifications", "state", WORDS, "gathering due in_flight delivered dead silenced", NULL},
	{"silence list", "state", WORDS, "active expired removed", NULL},
	{"", "crate", NAMES, NULL, &crates},
	{"", "registry", NAMES, NULL, &registries},
	{"", "project", NAMES, NULL, &projects},
	{"", "notifier", NAMES, NULL, &notifiers},
	{0},
};

static const struct value_row operands[] = {
	{"", "LOCKFILE", FILES, NULL, NULL},
	{"", "FILE", FILES, NULL, NULL},
	{"completion", "SHELL", WORDS, "bash zsh fish", NULL},
	{"project", "NAME", NAMES, NULL, &projects},
	{"notifier", "NAME", NAMES, NULL, &notifiers},
	{"silence", "ID…", NAMES, NULL, &silences},
	{"notifications", "ID", NAMES, NULL, &notifications},
	{"", "CRATE…", NAMES, NULL, &crates},
	{"", "[CRATE]", NAMES, NULL, &crates},
	{"", "CRATE[@VERSION]", NAMES, NULL, &crates},
	{"", "CRATE@VERSION", NAMES, NULL, &crates},
	{0},
};

/* NULL: nothing is known of it. */
static const struct value_row *find(const struct value_row *rows, const char *command, const char *name)
{
	for (; rows->name; rows++)
		if (strcmp(rows->name, name) == 0 && strncmp(command, rows->command, strlen(rows->command)) == 0)
			return rows;
	return NULL;
}

static void put_words(const struct completion *completion, const char *words, completion_put *put)
{
	while (*words) {
		OWNED_STRBUF struct strbuf word = {0};
		size_t len = strcspn(words, " ");
		strbuf_add(&word, words, len);
		put(completion, strbuf_str(&word), "");
		words += len + (words[len] == ' ');
	}
}

/* "yanked,unya": the last of a list is what is written. */
static void put_kinds(const struct completion *completion, completion_put *put)
{
	const char *comma = strrchr(completion->begun, ',');
	OWNED_STRBUF struct strbuf before = {0};

	strbuf_adds(&before, completion->before);
	if (comma)
		strbuf_add(&before, completion->begun, (size_t)(comma + 1 - completion->begun));
	const struct completion last = {completion->http, comma ? comma + 1 : completion->begun, strbuf_str(&before)};
	for (enum event_kind kind = 0; kind < EVENT_KINDS; kind++)
		put(&last, event_kind_name(kind), "");
}

static void put_severities(const struct completion *completion, completion_put *put)
{
	for (enum severity severity = 0; severity < SEVERITIES; severity++)
		put(completion, severity_name(severity), "");
}

/* What a shell puts on a command line shall mean itself there, whoever gave the name. */
static bool is_plain(const char *name)
{
	return name[strspn(name, NAME_BYTES)] == '\0' && name[0] != '-';
}

/* Nothing when there is no daemon, or when it has no time: a completion is not worth waiting for. */
static void put_names(const struct completion *completion, const struct names_of *names, const char *registry,
		      completion_put *put)
{
	OWNED_STRBUF struct strbuf path = {0};
	OWNED_JSON cJSON *answer = NULL;
	const cJSON *item;
	struct err err;

	strbuf_adds(&path, names->path);
	if (names->by_prefix) {
		http_add_query(&path, "prefix", completion->begun);
		http_add_query(&path, "registry", registry);
		http_add_query(&path, "limit", NAMES_MAX);
	}
	const struct http_request request = {.path = &path, .hasty = true};
	if (http_call(completion->http, &request, &answer, &err))
		return;
	cJSON_ArrayForEach (item, json_member(answer, names->member)) {
		const char *name = json_string(item, names->key);
		const char *help = json_string(item, names->help);
		if (name && is_plain(name))
			put(completion, name, help ? help : "");
	}
}

static void put_row(const struct completion *completion, const struct value_row *row, const char *registry,
		    completion_put *put)
{
	switch (row ? row->kind : ANY) {
	case ANY:
		break;
	case FILES:
		(void)puts(":files");
		break;
	case WORDS:
		put_words(completion, row->words, put);
		break;
	case KINDS:
		put_kinds(completion, put);
		break;
	case SEVERITY_WORDS:
		put_severities(completion, put);
		break;
	case NAMES:
		put_names(completion, row->names, registry, put);
		break;
	}
}

void completion_value(struct completion *completion, const struct args *args, const struct option_row *option,
		      completion_put *put)
{
	const char *registry = NULL;

	for (size_t i = 0; args->command && args->command->options[i].name; i++)
		if (strcmp(args->command->options[i].name, "registry") == 0)
			registry = args->values[i];
	put_row(completion, find(options, args->name, option->name), registry, put);
}

void completion_operand(struct completion *completion, const struct command *command, size_t i, completion_put *put)
{
	OWNED_STRBUF struct strbuf name = {0};
	const char *words = command->operands;

	if (i >= command->max_operands)
		return;
	/* "NAME LOCKFILE": the one of that number; the last one goes on; "--all | CRATE…": behind the bar. */
	if (strchr(words, '|'))
		words = strchr(words, '|') + 2;
	for (; i > 0 && strchr(words, ' '); i--)
		words = strchr(words, ' ') + 1;
	strbuf_add(&name, words, strcspn(words, " "));
	put_row(completion, find(operands, command->name, strbuf_str(&name)), NULL, put);
}
