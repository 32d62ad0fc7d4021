/* SPDX-License-Identifier: Apache-2.0 */
/* message.c: see message.h. */
#include "message.h"

#include "base/clock.h"
#include "base/numbers.h"
#include "model/words.h"
#include "raw.h"
#include "visible.h"
#include "wording.h"
#include "wording_message.h"

#include <string.h>

#define SUBJECT_MAX 400 /* characters; the daemon's own are far below */

/* An event as plugins see it, with what was made for it. */
struct told {
	struct yw_event view;
	char *document, *headline;
	struct facts facts;
	bool again; /* it was told before, and is still open */
};

struct message {
	struct yw_message view;
	int64_t deadline_ms;
	char *subject, *document, *text;
	struct facts facts;
	char created_at[TIME_TEXT_MAX]; /* when the frame does not say it */
	struct told *events;
	const struct yw_event **event_list; /* what view.events points to */
};

static const struct {
	const char *key;
	size_t offset;
} event_strings[] = {
	{"id", offsetof(struct yw_event, id)},
	{"at", offsetof(struct yw_event, at)},
	{"registry", offsetof(struct yw_event, registry)},
	{"crate", offsetof(struct yw_event, crate)},
	{"version", offsetof(struct yw_event, version)},
	{"event", offsetof(struct yw_event, event)},
	{"severity", offsetof(struct yw_event, severity)},
	{"checksum", offsetof(struct yw_event, checksum)},
	{"project", offsetof(struct yw_event, project)},
};

static int fill_strings(struct told *told, const cJSON *tree, struct raw text, struct err *err)
{
	told->view.size = sizeof told->view;
	told->view.seq = (uint64_t)json_int(tree, "seq", 0);
	for (size_t i = 0; i < ARRAY_LEN(event_strings); i++) {
		const char *value = json_string(tree, event_strings[i].key);
		memcpy((char *)&told->view + event_strings[i].offset, &value, sizeof value);
	}
	if (told->view.project)
		told->view.team = json_string(cJSON_GetArrayItem(json_member(tree, "findings"), 0), "team");
	told->document = strndup(text.text, text.len);
	told->view.document = told->document;
	return told->document ? 0 : err_nomem(err);
}

static int fill_wording(struct told *told, const cJSON *tree, struct err *err)
{
	OWNED_STRBUF struct strbuf headline = {0};

	if (told->again && !told->view.ended_at)
		wording_still_open(&headline, tree);
	wording_headline(&headline, tree);
	wording_facts(&told->facts, tree, told->view.ended_at);
	told->headline = strbuf_take(&headline);
	told->view.headline = told->headline;
	told->view.facts = told->facts.items;
	told->view.n_facts = told->facts.n;
	return told->headline && !facts_failed(&told->facts) ? 0 : err_nomem(err);
}

/* `ended`: the frame's times by event's id. */
static int fill_event(struct told *told, const cJSON *tree, const cJSON *ended, struct raw text, struct err *err)
{
	int rc = fill_strings(told, tree, text, err);
	if (rc)
		return rc;
	told->view.ended_at = told->view.id ? json_string(ended, told->view.id) : NULL;
	return fill_wording(told, tree, err);
}

/* Tree and text are walked side by side: fields from the one, bytes from the other. */
static int fill_events(struct message *message, const cJSON *frame, const cJSON *events, struct raw text,
		       struct err *err)
{
	size_t count = (size_t)cJSON_GetArraySize(events);
	const cJSON *ended = json_member(frame, "ended");
	const char *at = NULL;
	const cJSON *event;
	struct raw key, value;

	message->events = calloc(count + 1, sizeof *message->events);
	message->event_list = calloc(count + 1, sizeof(void *));
	if (!message->events || !message->event_list)
		return err_nomem(err);
	cJSON_ArrayForEach (event, events) {
		size_t n = message->view.n_events++;
		message->event_list[n] = &message->events[n].view;
		message->events[n].again = message->view.kind == YW_MESSAGE_REMINDER;
		if (!cJSON_IsObject(event) || !raw_next(text, &at, &key, &value))
			return err_set(err, ERR_BAD, "deliver: an event is no object");
		int rc = fill_event(&message->events[n], event, ended, value, err);
		if (rc)
			return rc;
	}
	message->view.events = message->event_list;
	return 0;
}

static int fill_document(struct message *message, const cJSON *frame, struct raw text, struct err *err)
{
	const cJSON *events = json_member(json_member(frame, "document"), "events");
	struct raw document, list;

	if (!cJSON_IsArray(events) || !raw_member(text, "document", &document) ||
	    !raw_member(document, "events", &list))
		return err_set(err, ERR_BAD, "deliver: no document with events");
	message->document = strndup(document.text, document.len);
	if (!message->document)
		return err_nomem(err);
	message->view.document = message->document;
	message->view.document_len = document.len;
	return fill_events(message, frame, events, list, err);
}

/* ---- the message as a whole ---- */

static int fill_kind(struct message *message, const cJSON *frame, struct err *err)
{
	static const char *const kinds[] = {
		[YW_MESSAGE_EVENTS] = "events",     [YW_MESSAGE_HEARTBEAT] = "heartbeat",
		[YW_MESSAGE_TEST] = "test",         [YW_MESSAGE_UNDELIVERED] = "undelivered",
		[YW_MESSAGE_REMINDER] = "reminder",
	};
	const cJSON *document = json_member(frame, "document");
	const char *kind = json_string(document, "kind");

	if (!json_member(document, "kind"))
		return 0;
	for (size_t i = 0; kind && i < ARRAY_LEN(kinds); i++) {
		if (strcmp(kind, kinds[i]) == 0) {
			message->view.kind = (enum yw_message_kind)i;
			return 0;
		}
	}
	return err_set(err, ERR_BAD, "deliver: a document of an unknown kind");
}

/* The highest of the events'; info when there are none. */
static const char *highest_severity(const struct yw_message *view)
{
	enum severity highest = SEVERITY_INFO;

	for (size_t i = 0; i < view->n_events; i++) {
		const char *own = view->events[i]->severity;
		for (unsigned s = highest + 1; own && s < SEVERITIES; s++)
			if (strcmp(own, severity_name(s)) == 0)
				highest = (enum severity)s;
	}
	return severity_name(highest);
}

static int fill_text(struct message *message, const cJSON *frame, const char *notifier, struct err *err)
{
	OWNED_STRBUF struct strbuf text = {0};

	wording_message_facts(&message->facts, json_member(frame, "document"), message->view.kind, notifier);
	if (facts_failed(&message->facts))
		return err_nomem(err);
	message->view.facts = message->facts.items;
	message->view.n_facts = message->facts.n;
	message->view.severity = highest_severity(&message->view);
	wording_message_text(&text, &message->view);
	message->text = strbuf_take(&text);
	message->view.text = message->text;
	return message->text ? 0 : err_nomem(err);
}

static bool id_is_plain(const char *id)
{
	size_t len = strlen(id);
	return len > 0 && len <= MESSAGE_ID_MAX &&
	       strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == len;
}

static int fill_head(struct message *message, const cJSON *frame, struct err *err)
{
	const char *id = json_string(frame, "id");
	int64_t attempt = json_int(frame, "attempt", 0);

	message->deadline_ms = json_int(frame, "deadline_ms", 0);
	message->view.size = sizeof message->view;
	if (!id || !id_is_plain(id))
		return err_set(err, ERR_BAD, "deliver: id is missing or not plain");
	if (attempt < 1 || attempt > UINT32_MAX || message->deadline_ms < 1)
		return err_set(err, ERR_BAD, "deliver %s: attempt or deadline_ms is missing", id);
	message->view.id = id;
	message->view.attempt = (uint32_t)attempt;
	return 0;
}

static int fill_subject(struct message *message, const cJSON *frame, struct err *err)
{
	OWNED_STRBUF struct strbuf line = {0};
	const char *subject = json_string(frame, "subject");

	if (!subject)
		return err_set(err, ERR_BAD, "deliver %s: subject is missing", message->view.id);
	visible_add(&line, subject, SUBJECT_MAX);
	message->subject = strbuf_take(&line);
	message->view.subject = message->subject;
	return message->subject ? 0 : err_nomem(err);
}

/* What may be absent. */
static int fill_rest(struct message *message, const cJSON *frame, struct err *err)
{
	const char *created_at = json_string(frame, "created_at");
	const char *state = json_string(frame, "state");

	message->view.created_at = created_at ? created_at : time_format_rfc3339(clock_wall_ms(), message->created_at);
	message->view.state = state ? state : "";
	message->view.follows = json_string(frame, "follows");
	if (message->view.follows && !id_is_plain(message->view.follows))
		return err_set(err, ERR_BAD, "deliver %s: follows is not plain", message->view.id);
	if (strlen(message->view.state) >= YW_RESULT_STATE_MAX)
		return err_set(err, ERR_LIMIT, "deliver %s: a state of %zu bytes", message->view.id,
			       strlen(message->view.state));
	return fill_kind(message, frame, err);
}

int message_new(const cJSON *frame, const char *json, size_t len, const char *notifier, struct message **ret,
		struct err *err)
{
	OWNED_MESSAGE struct message *message = calloc(1, sizeof *message);

	if (!message)
		return err_nomem(err);
	int rc = fill_head(message, frame, err);
	if (!rc)
		rc = fill_subject(message, frame, err);
	if (!rc)
		rc = fill_rest(message, frame, err);
	if (!rc)
		rc = fill_document(message, frame, (struct raw){json, len}, err);
	if (!rc)
		rc = fill_text(message, frame, notifier, err);
	if (!rc)
		*ret = TAKE(message);
	return rc;
}

void message_free(struct message *message)
{
	for (size_t i = 0; message->events && i < message->view.n_events; i++) {
		free(message->events[i].document);
		free(message->events[i].headline);
		facts_release(&message->events[i].facts);
	}
	facts_release(&message->facts);
	free(message->events);
	free(message->event_list);
	free(message->document);
	free(message->subject);
	free(message->text);
	free(message);
}

const struct yw_message *message_view(const struct message *message)
{
	return &message->view;
}

int64_t message_deadline_ms(const struct message *message)
{
	return message->deadline_ms;
}
