/* SPDX-License-Identifier: Apache-2.0 */
/* wording_message.c: see wording_message.h. */
#include "wording_message.h"

#include "visible.h"
#include "wording.h"

/* ---- facts ---- */

static void add_count(struct strbuf *out, const cJSON *object, const char *key, const char *one, const char *many)
{
	int64_t count = json_int(object, key, -1);

	if (count < 0)
		return;
	if (out->len)
		strbuf_adds(out, ", ");
	strbuf_add_count(out, count, one, many);
}

static void say_watching(struct facts *facts, const cJSON *watching)
{
	OWNED_STRBUF struct strbuf value = {0};

	add_count(&value, watching, "registries", "registry", "registries");
	add_count(&value, watching, "crates", "crate", "crates");
	add_count(&value, watching, "projects", "project", "projects");
	facts_take(facts, "watching", &value);
}

static void say_events_since(struct facts *facts, const cJSON *document)
{
	OWNED_STRBUF struct strbuf value = {0};
	const char *since = json_string(document, "since");

	add_count(&value, json_member(document, "watching"), "events", "event", "events");
	if (value.len && since) {
		strbuf_adds(&value, " since ");
		wording_add_time(&value, since);
	}
	facts_take(facts, "events", &value);
}

static void say_blind(struct facts *facts, const cJSON *watching)
{
	OWNED_STRBUF struct strbuf value = {0};
	const cJSON *name;

	cJSON_ArrayForEach (name, json_member(watching, "blind")) {
		if (value.len)
			strbuf_adds(&value, ", ");
		visible_add(&value, cJSON_IsString(name) ? name->valuestring : "?", VISIBLE_NAME_MAX);
	}
	facts_take(facts, "cannot be polled", &value);
}

static void say_heartbeat(struct facts *facts, const cJSON *document, const char *notifier)
{
	const cJSON *watching = json_member(document, "watching");

	(void)notifier;
	say_watching(facts, watching);
	say_events_since(facts, document);
	say_blind(facts, watching);
	facts_add(facts, "look", "yankwatch status");
}

static void say_test(struct facts *facts, const cJSON *document, const char *notifier)
{
	OWNED_STRBUF struct strbuf value = {0};

	(void)document;
	strbuf_adds(&value, "This is a test of the notifier ");
	visible_add(&value, notifier, VISIBLE_NAME_MAX);
	strbuf_adds(&value, ". Nothing has happened, and nothing is to be done.");
	facts_take(facts, "test", &value);
}

static void say_undelivered(struct facts *facts, const cJSON *document, const char *notifier)
{
	OWNED_STRBUF struct strbuf value = {0};
	const cJSON *undelivered = json_member(document, "undelivered");
	const char *name = json_string(undelivered, "notifier");
	const char *text = json_string(undelivered, "text");

	(void)notifier;
	visible_add(&value, name ? name : "another notifier", VISIBLE_NAME_MAX);
	strbuf_adds(&value, " could not deliver this");
	facts_take(facts, "undelivered", &value);
	if (text)
		visible_add(&value, text, VISIBLE_TEXT_MAX);
	facts_take(facts, "last answer", &value);
	facts_add(facts, "look", "yankwatch notifications --state dead");
}

static void count_events(struct facts *facts, const cJSON *document)
{
	OWNED_STRBUF struct strbuf value = {0};
	int count = cJSON_GetArraySize(json_member(document, "events"));

	if (count < 2)
		return;
	strbuf_add_count(&value, count, "event", "events");
	facts_take(facts, "events", &value);
}

static void say_events(struct facts *facts, const cJSON *document, const char *notifier)
{
	(void)notifier;
	count_events(facts, document);
}

static void say_reminder(struct facts *facts, const cJSON *document, const char *notifier)
{
	(void)notifier;
	facts_add(facts, "reminder", "This was told before, and is still open.");
	count_events(facts, document);
	facts_add(facts, "look", "yankwatch findings");
}

void wording_message_facts(struct facts *facts, const cJSON *document, enum yw_message_kind kind, const char *notifier)
{
	static void (*const say[])(struct facts *, const cJSON *, const char *) = {
		[YW_MESSAGE_EVENTS] = say_events,     [YW_MESSAGE_HEARTBEAT] = say_heartbeat,
		[YW_MESSAGE_TEST] = say_test,         [YW_MESSAGE_UNDELIVERED] = say_undelivered,
		[YW_MESSAGE_REMINDER] = say_reminder,
	};

	say[kind](facts, document, notifier);
}

/* ---- text ---- */

static void add_facts(struct strbuf *out, const char *indent, const struct yw_fact *facts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		strbuf_addf(out, "%s%s: %s\n", indent, facts[i].label, facts[i].value);
}

static void add_event(struct strbuf *out, const struct yw_event *event)
{
	strbuf_addf(out, "\n%s\n", event->headline);
	add_facts(out, "  ", event->facts, event->n_facts);
}

static void add_line(struct strbuf *out, const struct yw_event *event)
{
	if (event->severity) {
		strbuf_addc(out, '[');
		visible_add(out, event->severity, VISIBLE_NAME_MAX);
		strbuf_adds(out, "] ");
	}
	strbuf_addf(out, "%s\n", event->headline);
}

void wording_message_text(struct strbuf *out, const struct yw_message *message)
{
	size_t lines_end = TEXT_EVENTS_FULL + TEXT_EVENTS_LINES;

	strbuf_addf(out, "%s\n", message->subject);
	if (message->n_facts)
		strbuf_addc(out, '\n');
	add_facts(out, "", message->facts, message->n_facts);
	for (size_t i = 0; i < message->n_events && i < TEXT_EVENTS_FULL; i++)
		add_event(out, message->events[i]);
	if (message->n_events > TEXT_EVENTS_FULL)
		strbuf_addc(out, '\n');
	for (size_t i = TEXT_EVENTS_FULL; i < message->n_events && i < lines_end; i++)
		add_line(out, message->events[i]);
	if (message->n_events > lines_end)
		strbuf_addf(out, "and %zu more: yankwatch notifications show %s\n", message->n_events - lines_end,
			    message->id);
}
