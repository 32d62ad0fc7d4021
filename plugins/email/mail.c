/* SPDX-License-Identifier: Apache-2.0 */
/* mail.c: see mail.h. */
#include "mail.h"

#include "fields.h"
#include "header.h"
#include "html.h"
#include "lib/kind.h"
#include "lib/text.h"
#include "plain.h"
#include "quoted_printable.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ID_HOST "yankwatch." /* before the sender's domain */
/* "=_" never stands in quoted-printable text, so the boundary is in no part. */
#define BOUNDARY "=_yankwatch_%.48s"

/* ---- the head ---- */

/* When the notification was made, so that each attempt says the same. */
static int64_t time_of(const struct yw_message *message)
{
	int64_t at = header_time(FIELD_TEXT(message, created_at));

	if (at < 0 && message->n_events > 0)
		at = header_time(fields_text(message->events[0]->at));
	return at < 0 ? (int64_t)time(NULL) : at;
}

/* The host promises it of an id; of a name in a header it is worth a second look. */
static bool is_plain(const char *id)
{
	return id[strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")] == '\0';
}

/* Not folded: RFC 5322 has no place for it inside. An id has 128 bytes at most, a domain 253. */
static void put_message_id(FILE *out, const char *name, const char *id, const struct address *from)
{
	(void)fprintf(out, "%s: <%s@" ID_HOST "%s>\r\n", name, id, address_domain(from));
}

static void put_ids(FILE *out, const struct yw_message *message, const struct address *from)
{
	const char *follows = FIELD_TEXT(message, follows);

	put_message_id(out, "Message-ID", message->id, from);
	if (!*follows || !is_plain(follows))
		return;
	put_message_id(out, "In-Reply-To", follows, from);
	put_message_id(out, "References", follows, from);
}

/* For the filters of who reads it. */
static void put_own_headers(FILE *out, const struct yw_message *message)
{
	const char *kind = kind_name(FIELD(message, kind, YW_MESSAGE_EVENTS));
	const char *severity = FIELD_TEXT(message, severity);

	(void)fprintf(out, "X-Yankwatch-Id: %s\r\n", message->id);
	if (*kind)
		(void)fprintf(out, "X-Yankwatch-Kind: %s\r\n", kind);
	if (*severity && is_plain(severity))
		(void)fprintf(out, "X-Yankwatch-Severity: %.32s\r\n", severity);
}

static void put_head(FILE *out, const struct yw_message *message, const struct mail_frame *frame)
{
	header_date(out, "Date", time_of(message));
	header_addresses(out, "From", &frame->from, 1);
	header_addresses(out, "To", frame->to, frame->n_to);
	header_text(out, "Subject", message->subject);
	put_ids(out, message, &frame->from);
	/* RFC 3834; the second is what Exchange looks at: no out-of-office answers. */
	(void)fputs("Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n", out);
	put_own_headers(out, message);
}

/* ---- the parts ---- */

static void put_plain(FILE *out, const struct yw_message *message, const char *notifier)
{
	(void)notifier; /* its footer is the HTML's */
	plain_text(out, message);
}

/* False: out of memory. */
static bool put_part(FILE *out, const struct yw_message *message, const struct mail_frame *frame, const char *type,
		     void (*write)(FILE *, const struct yw_message *, const char *notifier))
{
	char *text = NULL;
	size_t len = 0;
	FILE *part = open_memstream(&text, &len);

	if (part)
		write(part, message, frame->notifier);
	if (!text_end(part, &text))
		return false;
	(void)fprintf(out, "--" BOUNDARY "\r\n", message->id);
	(void)fprintf(out,
		      "Content-Type: text/%s; charset=UTF-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
		      type);
	quoted_printable(out, text, len);
	free(text);
	return true;
}

static bool put_mail(FILE *out, const struct yw_message *message, const struct mail_frame *frame)
{
	put_head(out, message, frame);
	(void)fputs("MIME-Version: 1.0\r\n", out);
	(void)fprintf(out, "Content-Type: multipart/alternative;\r\n boundary=\"" BOUNDARY "\"\r\n\r\n", message->id);
	bool whole =
		put_part(out, message, frame, "plain", put_plain) && put_part(out, message, frame, "html", html_text);
	(void)fprintf(out, "--" BOUNDARY "--\r\n", message->id);
	return whole;
}

char *mail_render(const struct yw_message *message, const struct mail_frame *frame, size_t *ret_len)
{
	char *mail = NULL;
	FILE *out = open_memstream(&mail, ret_len);
	bool whole = out && put_mail(out, message, frame);

	mail = text_end(out, &mail);
	if (whole)
		return mail;
	free(mail);
	return NULL;
}
