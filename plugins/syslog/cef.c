/* SPDX-License-Identifier: Apache-2.0 */
/* cef.c: see cef.h. */
#include "cef.h"

#include "lib/kind.h"
#include "text.h"

#include <string.h>
#include <time.h>

#define IN_HEADER "\\|"
#define IN_VALUE "\\="

/* CEF counts from 0 to 10: 0 to 3 low, 4 to 6 medium, 7 and 8 high, above very high. */
static int cef_severity(const char *severity)
{
	static const struct {
		const char *name;
		int number;
	} rows[] = {{"critical", 10}, {"high", 8}, {"medium", 5}, {"low", 3}, {"info", 1}};

	for (size_t i = 0; severity && i < sizeof rows / sizeof rows[0]; i++)
		if (strcmp(severity, rows[i].name) == 0)
			return rows[i].number;
	return 1;
}

/* Milliseconds since 1970, from the form in which documents have times: UTC, to the millisecond. */
static void put_start(FILE *out, const char *at)
{
	struct tm tm = {0};
	const char *rest = at ? strptime(at, "%Y-%m-%dT%H:%M:%S", &tm) : NULL;
	int ms = 0;

	if (!rest)
		return;
	if (*rest == '.')
		(void)sscanf(rest + 1, "%3d", &ms);
	(void)fprintf(out, " start=%lld%03d", (long long)timegm(&tm), ms);
}

static void put_custom(FILE *out, int number, const char *label, const char *value)
{
	if (!value)
		return;
	(void)fprintf(out, " cs%dLabel=%s cs%d=", number, label, number);
	text_put_name(out, value, IN_VALUE);
}

static void put_extension(FILE *out, const struct yw_message *message, const struct yw_event *event)
{
	(void)fputs("externalId=", out);
	text_put_name(out, event && event->id ? event->id : message->id, IN_VALUE);
	put_start(out, event && event->at ? event->at : message->created_at);
	if (event) {
		put_custom(out, 1, "registry", event->registry);
		put_custom(out, 2, "crate", event->crate);
		put_custom(out, 3, "version", event->version);
		put_custom(out, 5, "project", event->project);
		put_custom(out, 6, "team", event->team);
	}
	put_custom(out, 4, "notification", message->id);
	(void)fputs(" msg=", out);
	text_put(out, message, event, IN_VALUE);
}

void cef_put(FILE *out, const struct yw_message *message, const struct yw_event *event)
{
	const char *kind = event ? event->event : kind_name(message->kind);

	(void)fputs("CEF:0|yankwatch|yankwatch|" YANKWATCH_VERSION "|", out);
	text_put_name(out, kind ? kind : "event", IN_HEADER);
	(void)fputc('|', out);
	text_put_name(out, event ? event->headline : message->subject, IN_HEADER);
	(void)fprintf(out, "|%d|", cef_severity(event ? event->severity : message->severity));
	put_extension(out, message, event);
}
