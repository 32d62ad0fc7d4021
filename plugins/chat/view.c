/* SPDX-License-Identifier: Apache-2.0 */
/*
 * view.c: see view.h. Everything goes through markup_clean(): a value is one line,
 * is no address, and is not longer than the shape says.
 */
#include "view.h"

#include "lib/kind.h"
#include "markup.h"

#include <stdlib.h>
#include <string.h>

#define TITLE_MAX 140  /* characters: a header of Slack takes 150 */
#define TEXT_FACTOR 10 /* `text` as a whole may be so many values long */

/* How services show a severity. The last row is for what has none. */
static const struct severity {
	const char *name;
	const char *color; /* six hexadecimal digits */
	int color_number;  /* Discord's way to write it */
	int priority_5;    /* ntfy: 1 to 5 */
	int priority_10;   /* Gotify: 0 to 10; from 8 on it sounds */
	const char *style; /* Adaptive Cards: the colour of a text */
	const char *tag;   /* ntfy: an emoji's name */
} severities[] = {
	{"critical", "b71c1c", 0xb71c1c, 5, 10, "attention", "rotating_light"},
	{"high", "e64a19", 0xe64a19, 4, 8, "attention", "warning"},
	{"medium", "f9a825", 0xf9a825, 3, 5, "warning", "warning"},
	{"low", "1976d2", 0x1976d2, 2, 3, "accent", "information_source"},
	{"info", "607d8b", 0x607d8b, 2, 2, "default", "information_source"},
};

static const struct severity *severity_of(const char *name)
{
	size_t last = sizeof severities / sizeof severities[0] - 1;
	size_t i = 0;

	while (i < last && !(name && strcmp(name, severities[i].name) == 0))
		i++;
	return &severities[i];
}

/* A tree that is half built: after the first failure nothing more is added, and view_make() gives none. */
struct build {
	const struct view_shape *shape;
	bool failed;
};

static void put_cut(struct build *b, cJSON *object, const char *key, const char *text, size_t max)
{
	char *clean = text ? markup_clean(text, max, strcmp(key, "text") == 0) : NULL;

	if (text && !(clean && cJSON_AddStringToObject(object, key, clean)))
		b->failed = true;
	free(clean);
}

static void put(struct build *b, cJSON *object, const char *key, const char *text)
{
	put_cut(b, object, key, text, b->shape->value_max);
}

static void put_number(struct build *b, cJSON *object, const char *key, size_t number)
{
	b->failed |= !cJSON_AddNumberToObject(object, key, (double)number);
}

/* An object that is added to `list`, or as `key` to an object. */
static cJSON *put_object(struct build *b, cJSON *to, const char *key)
{
	cJSON *object = cJSON_CreateObject();

	if (object && (key ? cJSON_AddItemToObject(to, key, object) : cJSON_AddItemToArray(to, object)))
		return object;
	cJSON_Delete(object);
	b->failed = true;
	return NULL;
}

static cJSON *put_list(struct build *b, cJSON *object, const char *key)
{
	cJSON *list = cJSON_AddArrayToObject(object, key);

	b->failed |= !list;
	return list;
}

static bool is_command(const char *label)
{
	return strcmp(label, "run") == 0 || strcmp(label, "look") == 0;
}

/* What stands between backticks must hold none. */
static void put_command(struct build *b, cJSON *object, const char *text)
{
	char *copy = strdup(text);

	if (!copy) {
		b->failed = true;
		return;
	}
	for (char *p = copy; *p; p++)
		if (*p == '`')
			*p = '\'';
	put(b, object, "command", copy);
	free(copy);
}

static void put_facts(struct build *b, cJSON *object, const struct yw_fact *facts, size_t n_facts)
{
	cJSON *list = put_list(b, object, "facts");

	for (size_t i = 0; i < n_facts && !b->failed; i++) {
		cJSON *fact = put_object(b, list, NULL);
		put(b, fact, "label", facts[i].label);
		put(b, fact, "value", facts[i].value);
		if (is_command(facts[i].label))
			put_command(b, fact, facts[i].value);
	}
}

/* ---- events ---- */

static void put_headline(struct build *b, cJSON *object, const struct yw_event *event)
{
	const char *what = event->crate ? event->crate : event->registry;
	char text[256];

	(void)snprintf(text, sizeof text, "%.150s: %.90s", what ? what : "?", event->event ? event->event : "?");
	put(b, object, "headline", event->headline ? event->headline : text);
	put(b, object, "severity", severity_of(event->severity)->name);
}

static void put_event(struct build *b, cJSON *list, const struct yw_event *event)
{
	cJSON *object = put_object(b, list, NULL);

	if (b->failed)
		return;
	put_headline(b, object, event);
	put(b, object, "event", event->event);
	put(b, object, "registry", event->registry);
	put(b, object, "crate", event->crate ? event->crate : "");
	put(b, object, "version", event->version ? event->version : "");
	put(b, object, "project", event->project ? event->project : "");
	put(b, object, "team", event->team ? event->team : "");
	put(b, object, "at", event->at);
	put(b, object, "color", severity_of(event->severity)->color);
	put(b, object, "style", severity_of(event->severity)->style);
	put_facts(b, object, event->facts, event->n_facts);
}

static void put_events(struct build *b, cJSON *view, const struct yw_message *message)
{
	cJSON *list = put_list(b, view, "events");

	for (size_t i = 0; i < b->shape->full && !b->failed; i++)
		put_event(b, list, message->events[i]);
}

/* Headlines alone, some on a page: a list of 100 is no 100 blocks. */
static void put_pages(struct build *b, cJSON *view, const struct yw_message *message)
{
	cJSON *pages = put_list(b, view, "pages");
	cJSON *lines = NULL;

	for (size_t i = b->shape->full; i < b->shape->lines && !b->failed; i++) {
		if ((i - b->shape->full) % VIEW_PAGE == 0) {
			cJSON *page = put_object(b, pages, NULL);
			lines = put_list(b, page, "lines");
		}
		cJSON *line = b->failed ? NULL : put_object(b, lines, NULL);
		if (line)
			put_headline(b, line, message->events[i]);
	}
}

static void put_more(struct build *b, cJSON *view, const struct yw_message *message)
{
	char command[256];
	cJSON *more = message->n_events > b->shape->lines ? put_object(b, view, "more") : NULL;

	if (!more)
		return;
	(void)snprintf(command, sizeof command, "yankwatch notifications show %.200s", message->id);
	put_number(b, more, "count", message->n_events - b->shape->lines);
	put(b, more, "command", command);
}

/* ---- the message ---- */

static void put_severity(struct build *b, cJSON *view, const struct severity *severity)
{
	put(b, view, "severity", severity->name);
	put(b, view, "color", severity->color);
	put(b, view, "style", severity->style);
	put(b, view, "tag", severity->tag);
	put_number(b, view, "color_number", (size_t)severity->color_number);
	put_number(b, view, "priority_5", (size_t)severity->priority_5);
	put_number(b, view, "priority_10", (size_t)severity->priority_10);
}

/* From the configuration: not cleaned, a link is one. */
static void put_option(struct build *b, cJSON *view, const char *key, const char *text)
{
	b->failed |= text && !cJSON_AddStringToObject(view, key, text);
}

static void put_message(struct build *b, cJSON *view, const struct yw_message *message)
{
	put(b, view, "id", message->id);
	put(b, view, "kind", kind_name(message->kind));
	put_cut(b, view, "title", message->subject, TITLE_MAX);
	put(b, view, "subject", message->subject);
	put_cut(b, view, "text", message->text, b->shape->value_max * TEXT_FACTOR);
	put(b, view, "created_at", message->created_at);
	put_number(b, view, "total", message->n_events);
	put_severity(b, view, severity_of(message->severity));
	cJSON *summary = message->n_facts > 0 ? put_object(b, view, "summary") : NULL;
	if (summary)
		put_facts(b, summary, message->facts, message->n_facts);
}

cJSON *view_make(const struct yw_message *message, const struct view_options *options, const struct view_shape *shape)
{
	struct build b = {.shape = shape};
	cJSON *view = cJSON_CreateObject();

	if (!view)
		return NULL;
	put_message(&b, view, message);
	put_option(&b, view, "room", options->room);
	put_option(&b, view, "topic", options->topic);
	put_option(&b, view, "link", options->link);
	put_events(&b, view, message);
	put_pages(&b, view, message);
	put_more(&b, view, message);
	if (!b.failed)
		return view;
	cJSON_Delete(view);
	return NULL;
}

bool view_knows(const char *name)
{
	static const char *const names[] = {
		"id",       "kind",     "title",   "subject",    "text",        "created_at", "total",
		"severity", "color",    "style",   "tag",        "summary",     "facts",      "color_number",
		"label",    "value",    "command", "priority_5", "priority_10", "events",     "pages",
		"lines",    "headline", "event",   "registry",   "crate",       "version",    "at",
		"more",     "count",    "room",    "topic",      "link",        "project",    "team",
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}
