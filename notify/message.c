/* SPDX-License-Identifier: Apache-2.0 */
/* message.c: see message.h. */
#include "message.h"

#include "raw.h"

#include <string.h>

struct message {
	struct yw_message view;
	int64_t deadline_ms;
	char *document;
	struct yw_event *events;
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
};

static int fill_event(const cJSON *tree, struct raw text, struct yw_event *event, struct err *err)
{
	event->size = sizeof *event;
	event->seq = (uint64_t)json_int(tree, "seq", 0);
	for (size_t i = 0; i < ARRAY_LEN(event_strings); i++) {
		const char *value = json_string(tree, event_strings[i].key);
		memcpy((char *)event + event_strings[i].offset, &value, sizeof value);
	}
	event->document = strndup(text.text, text.len);
	return event->document ? 0 : err_nomem(err);
}

/* Tree and text are walked side by side: fields from the one, bytes from the other. */
static int fill_events(struct message *message, const cJSON *events, struct raw text, struct err *err)
{
	size_t count = (size_t)cJSON_GetArraySize(events);
	const char *at = NULL;
	const cJSON *event;
	struct raw key, value;

	message->events = calloc(count + 1, sizeof *message->events);
	message->event_list = calloc(count + 1, sizeof(void *));
	if (!message->events || !message->event_list)
		return err_nomem(err);
	cJSON_ArrayForEach (event, events) {
		size_t n = message->view.n_events++;
		message->event_list[n] = &message->events[n];
		if (!cJSON_IsObject(event) || !raw_next(text, &at, &key, &value))
			return err_set(err, ERR_BAD, "deliver: an event is no object");
		int rc = fill_event(event, value, &message->events[n], err);
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
	return fill_events(message, events, list, err);
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
	message->view.subject = json_string(frame, "subject");
	if (!id || !id_is_plain(id))
		return err_set(err, ERR_BAD, "deliver: id is missing or not plain");
	if (attempt < 1 || attempt > UINT32_MAX || message->deadline_ms < 1 || !message->view.subject)
		return err_set(err, ERR_BAD, "deliver %s: attempt, deadline_ms or subject is missing", id);
	message->view.id = id;
	message->view.attempt = (uint32_t)attempt;
	return 0;
}

int message_new(const cJSON *frame, const char *json, size_t len, struct message **ret, struct err *err)
{
	OWNED_MESSAGE struct message *message = calloc(1, sizeof *message);

	if (!message)
		return err_nomem(err);
	int rc = fill_head(message, frame, err);
	if (!rc)
		rc = fill_document(message, frame, (struct raw){json, len}, err);
	if (!rc)
		*ret = TAKE(message);
	return rc;
}

void message_free(struct message *message)
{
	for (size_t i = 0; message->events && i < message->view.n_events; i++)
		free((char *)message->events[i].document);
	free(message->events);
	free(message->event_list);
	free(message->document);
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
