/* SPDX-License-Identifier: Apache-2.0 */
/* record.c: see record.h. */
#include "record.h"

#include "cef.h"
#include "lib/kind.h"
#include "lib/text.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

#define MSGID_MAX 32 /* RFC 5424, 6 */

/* RFC 5424, 6.2.1. A kernel's, a mailer's or a printer's we are not. */
static const struct {
	const char *name;
	int number;
} facilities[] = {
	{"user", 1},    {"daemon", 3},  {"auth", 4},    {"authpriv", 10}, {"local0", 16}, {"local1", 17},
	{"local2", 18}, {"local3", 19}, {"local4", 20}, {"local5", 21},   {"local6", 22}, {"local7", 23},
};

int record_facility(const char *name)
{
	for (size_t i = 0; i < sizeof facilities / sizeof facilities[0]; i++)
		if (strcmp(name, facilities[i].name) == 0)
			return facilities[i].number;
	return -1;
}

static int syslog_severity(const char *severity)
{
	static const struct {
		const char *name;
		int number;
	} rows[] = {{"critical", 2}, {"high", 3}, {"medium", 4}, {"low", 5}, {"info", 6}};

	for (size_t i = 0; severity && i < sizeof rows / sizeof rows[0]; i++)
		if (strcmp(severity, rows[i].name) == 0)
			return rows[i].number;
	return 6;
}

/* ---- header ---- */

/* NILVALUE for what does not fit: the header has no escapes. */
static const char *or_nil(const char *text, const char *allowed, size_t max)
{
	size_t len = text ? strlen(text) : 0;
	return len > 0 && len <= max && strspn(text, allowed) == len ? text : "-";
}

static void put_local_header(FILE *out, int priority, time_t now)
{
	static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}; /* no locale's */
	struct tm tm;

	(void)localtime_r(&now, &tm);
	(void)fprintf(out, "<%d>%s %2d %02d:%02d:%02d " RECORD_APP ": ", priority, months[tm.tm_mon], tm.tm_mday,
		      tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void put_header(FILE *out, const struct record_style *style, int priority, const char *at, const char *kind)
{
	(void)fprintf(out, "<%d>1 %s %s " RECORD_APP " - %s ", priority, or_nil(at, "0123456789-:.TZ+", 32),
		      style->hostname, or_nil(kind, "abcdefghijklmnopqrstuvwxyz_", MSGID_MAX));
}

/* ---- structured data ---- */

static void put_param(FILE *out, const char *name, const char *value)
{
	if (!value)
		return;
	(void)fprintf(out, " %s=\"", name);
	text_put_name(out, value, "\"\\]");
	(void)fputc('"', out);
}

static void put_structured(FILE *out, const struct yw_message *message, const struct yw_event *event, const char *kind,
			   const char *severity)
{
	char seq[24];

	(void)fputs("[" RECORD_SD_ID, out);
	put_param(out, "notification", message->id);
	put_param(out, "event", kind);
	put_param(out, "severity", severity);
	if (event) {
		(void)snprintf(seq, sizeof seq, "%llu", (unsigned long long)event->seq);
		put_param(out, "id", event->id);
		put_param(out, "seq", seq);
		put_param(out, "registry", event->registry);
		put_param(out, "crate", event->crate);
		put_param(out, "version", event->version);
		put_param(out, "project", event->project);
		put_param(out, "team", event->team);
	}
	(void)fputs("] ", out);
}

/* ---- record ---- */

static void put_record(FILE *out, const struct record_style *style, const struct yw_message *message,
		       const struct yw_event *event, time_t now)
{
	const char *severity = event ? event->severity : message->severity;
	const char *kind = event ? event->event : kind_name(message->kind);
	int priority = style->facility * 8 + syslog_severity(severity);

	if (style->local)
		put_local_header(out, priority, now);
	else
		put_header(out, style, priority, event && event->at ? event->at : message->created_at, kind);
	if (style->cef) {
		(void)fputs(style->local ? "" : "- ", out);
		cef_put(out, message, event);
	} else {
		put_structured(out, message, event, kind, severity);
		text_put(out, message, event, "");
	}
}

/* Not between the bytes of a character. */
static size_t cut(const char *bytes, size_t len, size_t max)
{
	if (len <= max)
		return len;
	while (max > 0 && ((unsigned char)bytes[max] & 0xc0) == 0x80)
		max--;
	return max;
}

char *record_make(const struct record_style *style, const struct yw_message *message, const struct yw_event *event,
		  time_t now, size_t *ret_len)
{
	char *record = NULL;
	size_t len;
	FILE *out = open_memstream(&record, &len);

	if (out)
		put_record(out, style, message, event, now);
	if (!text_end(out, &record))
		return NULL;
	*ret_len = cut(record, len, style->max);
	record[*ret_len] = '\0';
	return record;
}
