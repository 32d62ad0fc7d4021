/* SPDX-License-Identifier: Apache-2.0 */
/* cloudevent.c: see cloudevent.h. */
#include "cloudevent.h"

#include "lib/escape.h"
#include "lib/text.h"

static void put_string(FILE *out, const char *key, const char *value)
{
	(void)fprintf(out, ",\"%s\":", key);
	escape_json(out, value);
}

static void put_body(FILE *out, const struct yw_message *message, const char *notifier)
{
	(void)fputs("{\"specversion\":\"1.0\"", out);
	put_string(out, "id", message->id);
	(void)fputs(",\"source\":\"" CLOUDEVENT_SOURCE, out);
	escape_uri(out, notifier);
	(void)fputc('"', out);
	put_string(out, "type", CLOUDEVENT_TYPE);
	if (message->n_events > 0 && message->events[0]->at)
		put_string(out, "time", message->events[0]->at);
	put_string(out, "datacontenttype", "application/json");
	(void)fputs(",\"data\":", out);
	(void)fwrite(message->document, 1, message->document_len, out);
	(void)fputc('}', out);
}

char *cloudevent_body(const struct yw_message *message, const char *notifier, size_t *ret_len)
{
	char *body = NULL;
	FILE *out = open_memstream(&body, ret_len);

	if (out)
		put_body(out, message, notifier);
	return text_end(out, &body);
}
