/* SPDX-License-Identifier: Apache-2.0 */
/*
 * alerts.c: see alerts.h. The labels are what Alertmanager knows an alert by: what
 * yanked the version, not which event told it, so that the same set ends what it
 * began, and a reminder is a repeat of it. Everything else is an annotation.
 */
#include "alerts.h"

#include "lib/text.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_LEN 64

/* They end a state, or are none: no alert. */
static bool is_alert(const struct yw_event *event)
{
	static const char *const others[] = {"published",      "unyanked",         "registry_back",
					     "reason_changed", "finding_resolved", "replacement_available"};

	if (!event->event)
		return false;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (strcmp(event->event, others[i]) == 0)
			return false;
	return true;
}

/* "crate_deleted" is YankwatchCrateDeleted. */
static const char *alert_name(const char *kind, char ret_name[NAME_MAX_LEN])
{
	size_t len = (size_t)snprintf(ret_name, NAME_MAX_LEN, "Yankwatch");
	bool upper = true;

	for (; *kind && len + 1 < NAME_MAX_LEN; kind++) {
		if (*kind != '_')
			ret_name[len++] = (char)(upper ? toupper((unsigned char)*kind) : *kind);
		upper = *kind == '_';
	}
	ret_name[len] = '\0';
	return ret_name;
}

/* A list that is half built: the first failure stays, and nothing is sent then. */
struct build {
	cJSON *list;
	bool failed;
};

static void put(struct build *b, cJSON *object, const char *key, const char *text)
{
	if (text && *text)
		b->failed |= !cJSON_AddStringToObject(object, key, text);
}

static cJSON *put_object(struct build *b, cJSON *object, const char *key)
{
	cJSON *member = cJSON_AddObjectToObject(object, key);

	b->failed |= !member;
	return member;
}

/* "why: …\nprojects: …"; NULL: none, or out of memory. */
static char *join_facts(const struct yw_fact *facts, size_t n_facts)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = n_facts > 0 ? open_memstream(&text, &len) : NULL;

	for (size_t i = 0; out && i < n_facts; i++)
		(void)fprintf(out, "%s%s: %s", i > 0 ? "\n" : "", facts[i].label, facts[i].value);
	return text_end(out, &text);
}

static void put_facts(struct build *b, cJSON *annotations, const char *key, const struct yw_fact *facts, size_t n_facts)
{
	char *text = join_facts(facts, n_facts);

	b->failed |= n_facts > 0 && !text;
	put(b, annotations, key, text);
	free(text);
}

/* The commands once more by themselves, for templates of Alertmanager. */
static void put_commands(struct build *b, cJSON *annotations, const struct yw_event *event)
{
	for (size_t i = 0; i < event->n_facts; i++)
		if (strcmp(event->facts[i].label, "run") == 0 || strcmp(event->facts[i].label, "look") == 0)
			put(b, annotations, event->facts[i].label, event->facts[i].value);
}

static cJSON *add_alert(struct build *b, const char *starts_at, const char *ends_at, const char *link)
{
	cJSON *alert = cJSON_CreateObject();

	if (!alert || !cJSON_AddItemToArray(b->list, alert)) {
		cJSON_Delete(alert);
		b->failed = true;
		return NULL;
	}
	put(b, alert, "startsAt", starts_at);
	/* An end before the beginning is refused with the whole body. */
	put(b, alert, "endsAt", starts_at && strcmp(ends_at, starts_at) < 0 ? starts_at : ends_at);
	put(b, alert, "generatorURL", link);
	return alert;
}

static void add_event(struct build *b, const struct yw_message *message, const struct yw_event *event,
		      const char *until, const char *link)
{
	char name[NAME_MAX_LEN];
	cJSON *alert = add_alert(b, event->at, event->ended_at ? event->ended_at : until, link);
	cJSON *labels = put_object(b, alert, "labels");
	cJSON *annotations = put_object(b, alert, "annotations");

	if (b->failed)
		return;
	put(b, labels, "alertname", alert_name(event->event, name));
	put(b, labels, "severity", event->severity);
	put(b, labels, "registry", event->registry);
	put(b, labels, "crate", event->crate);
	put(b, labels, "version", event->version);
	put(b, labels, "project", event->project);
	put(b, labels, "team", event->team);
	put(b, annotations, "summary", event->headline ? event->headline : message->subject);
	put_facts(b, annotations, "description", event->facts, event->n_facts);
	put_commands(b, annotations, event);
	put(b, annotations, "event", event->id);
	put(b, annotations, "notification", message->id);
	if (message->kind == YW_MESSAGE_UNDELIVERED)
		put_facts(b, annotations, "undelivered", message->facts, message->n_facts);
}

static void add_events(struct build *b, const struct yw_message *message, const char *until, const char *link,
		       struct alerts *ret)
{
	for (size_t i = 0; i < message->n_events && !b->failed; i++) {
		const struct yw_event *event = message->events[i];
		if (!is_alert(event))
			continue;
		add_event(b, message, event, until, link);
		ret->n++;
		ret->standing += !event->ended_at;
	}
}

/* A heartbeat or a test: one alert without a crate, which ends by itself. */
static void add_message(struct build *b, const struct yw_message *message, const char *until, const char *link,
			struct alerts *ret)
{
	const char *name = message->kind == YW_MESSAGE_TEST ? "YankwatchTest" : "YankwatchHeartbeat";
	cJSON *alert = add_alert(b, message->created_at, until, link);
	cJSON *labels = put_object(b, alert, "labels");
	cJSON *annotations = put_object(b, alert, "annotations");

	put(b, labels, "alertname", name);
	put(b, labels, "severity", message->severity ? message->severity : "info");
	put(b, annotations, "summary", message->subject);
	put_facts(b, annotations, "description", message->facts, message->n_facts);
	put(b, annotations, "notification", message->id);
	ret->n++;
}

bool alerts_make(const struct yw_message *message, const char *until, const char *link, struct alerts *ret)
{
	struct build b = {.list = cJSON_CreateArray()};

	*ret = (struct alerts){0};
	if (message->kind == YW_MESSAGE_HEARTBEAT || message->kind == YW_MESSAGE_TEST)
		add_message(&b, message, until, link, ret);
	else
		add_events(&b, message, until, link, ret);
	ret->body = b.failed ? NULL : cJSON_PrintUnformatted(b.list);
	cJSON_Delete(b.list);
	return ret->body;
}
