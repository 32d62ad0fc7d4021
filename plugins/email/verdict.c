/* SPDX-License-Identifier: Apache-2.0 */
/* verdict.c: see verdict.h. */
#include "verdict.h"

#include "clean.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define CODE_TOO_MANY 552     /* RFC 5321, 4.5.3.1.10: "too many recipients", meant as 452 */
#define CODE_LOGIN_NEEDED 530 /* RFC 4954, 6: nothing is wrong with the mail */
#define NAMED_MAX 10          /* recipients that a result text names, of a kind */

/* ---- the state ---- */

static enum verdict_fate fate_in(const char *state, const char *spec)
{
	size_t len = strlen(spec);

	for (const char *word = state; *word; word += strspn(word, " ")) {
		size_t word_len = strcspn(word, " ");
		if (word_len == len + 1 && memcmp(word + 1, spec, len) == 0)
			return *word == '+' ? VERDICT_ACCEPTED : VERDICT_REFUSED;
		word += word_len;
	}
	return VERDICT_OPEN;
}

void verdict_begin(struct verdict *verdict, const char *state)
{
	for (size_t i = 0; i < verdict->n; i++) {
		verdict->fates[i] = fate_in(state, verdict->to[i].spec);
		verdict->replies[i] = (struct trace_reply){0};
	}
}

static void write_state(const struct verdict *verdict, struct yw_result *result)
{
	size_t at = 0;

	if (result->size < offsetof(struct yw_result, state) + sizeof result->state)
		return;
	for (size_t i = 0; i < verdict->n && at < sizeof result->state; i++)
		if (verdict->fates[i] != VERDICT_OPEN)
			at += (size_t)snprintf(result->state + at, sizeof result->state - at, "%s%c%s",
					       at > 0 ? " " : "", verdict->fates[i] == VERDICT_ACCEPTED ? '+' : '-',
					       verdict->to[i].spec);
}

/* ---- one recipient ---- */

static bool is_yes(int code)
{
	return code >= 200 && code <= 299;
}

static bool is_no_for_good(int code)
{
	return code >= 500 && code <= 599 && code != CODE_LOGIN_NEEDED;
}

/* The server wants nothing of this session. That is about the mail only from MAIL on. */
static bool session_failed(const struct trace *trace)
{
	return trace->last.code >= 400;
}

static enum verdict_fate fate_after(const struct trace *trace, const struct trace_reply *own)
{
	if (session_failed(trace))
		return trace->stage == TRACE_MAIL && is_no_for_good(trace->last.code) ? VERDICT_REFUSED : VERDICT_OPEN;
	if (!is_yes(own->code))
		return is_no_for_good(own->code) && own->code != CODE_TOO_MANY ? VERDICT_REFUSED : VERDICT_OPEN;
	if (is_yes(trace->end.code))
		return VERDICT_ACCEPTED;
	return is_no_for_good(trace->end.code) ? VERDICT_REFUSED : VERDICT_OPEN;
}

/* Gives each recipient its own reply; backwards, since each moves to the right. */
static void spread_replies(struct verdict *verdict)
{
	size_t open = 0;

	for (size_t i = 0; i < verdict->n; i++)
		open += verdict->fates[i] == VERDICT_OPEN;
	for (size_t i = verdict->n; i-- > 0;)
		verdict->replies[i] =
			verdict->fates[i] == VERDICT_OPEN ? verdict->replies[--open] : (struct trace_reply){0};
}

/* ---- all of them ---- */

static size_t count(const struct verdict *verdict, enum verdict_fate fate)
{
	size_t n = 0;

	for (size_t i = 0; i < verdict->n; i++)
		n += verdict->fates[i] == fate;
	return n;
}

/* Who is open gets it later; who was refused stands in nobody's way. */
static enum yw_outcome outcome_of(const struct verdict *verdict)
{
	if (count(verdict, VERDICT_OPEN) > 0)
		return YW_RETRY;
	return count(verdict, VERDICT_ACCEPTED) > 0 ? YW_OK : YW_REJECT;
}

/* ---- the text for the delivery log ---- */

static void begin_part(FILE *out)
{
	if (ftell(out) > 0)
		(void)fputs("; ", out);
}

static void put_reply(FILE *out, const struct trace_reply *reply)
{
	char said[TRACE_TEXT_MAX + 1];

	(void)clean_line(reply->text, said, sizeof said);
	(void)fprintf(out, "%d%s%s", reply->code, *said ? " " : "", said);
}

/* Nothing was said that decides about somebody. */
static bool answer_is_missing(const struct verdict *verdict, const struct trace *trace)
{
	for (size_t i = 0; i < verdict->n; i++)
		if (verdict->fates[i] == VERDICT_OPEN && !session_failed(trace) &&
		    (verdict->replies[i].code == 0 || (is_yes(verdict->replies[i].code) && trace->end.code == 0)))
			return true;
	return false;
}

static void put_session(FILE *out, const struct verdict *verdict, const struct trace *trace, const char *error)
{
	size_t accepted = count(verdict, VERDICT_ACCEPTED);

	if (accepted > 0)
		(void)fprintf(out, "accepted for %zu of %zu", accepted, verdict->n);
	if (trace->end.code > 0 || session_failed(trace)) {
		bool yes = is_yes(trace->end.code);
		if (!yes)
			begin_part(out);
		(void)fprintf(out, "%s: ", yes ? "" : trace_stage_name(trace->stage));
		put_reply(out, session_failed(trace) ? &trace->last : &trace->end);
	}
	if (!answer_is_missing(verdict, trace))
		return;
	begin_part(out);
	if (trace->stage == TRACE_CONNECT)
		(void)fprintf(out, "no connection: %s", error);
	else if (trace->stage == TRACE_END)
		(void)fprintf(out, "no answer to the mail, which may come twice: %s", error);
	else
		(void)fprintf(out, "ended at %s: %s", trace_stage_name(trace->stage), error);
}

/* "; refused for good: a@example.com (550 no such user), …" */
static void put_named(FILE *out, const struct verdict *verdict, enum verdict_fate fate, const char *title)
{
	size_t named = 0;

	for (size_t i = 0; i < verdict->n; i++) {
		const struct trace_reply *own = &verdict->replies[i];
		if (verdict->fates[i] != fate || (fate == VERDICT_OPEN && own->code < 400) || ++named > NAMED_MAX)
			continue;
		if (named == 1)
			begin_part(out);
		(void)fprintf(out, "%s%s", named == 1 ? title : ", ", verdict->to[i].spec);
		if (own->code < 400)
			continue;
		(void)fputs(" (", out);
		put_reply(out, own);
		(void)fputc(')', out);
	}
	if (named > NAMED_MAX)
		(void)fprintf(out, " and %zu more", named - NAMED_MAX);
}

static void put_text(const struct verdict *verdict, const struct trace *trace, const char *error, char *text)
{
	FILE *out = fmemopen(text, YW_RESULT_TEXT_MAX - 1, "w");

	text[YW_RESULT_TEXT_MAX - 1] = '\0';
	if (!out)
		return;
	put_session(out, verdict, trace, error);
	put_named(out, verdict, VERDICT_REFUSED, "refused for good: ");
	put_named(out, verdict, VERDICT_OPEN, "again later: ");
	(void)fclose(out); /* too long a text is cut, which is well */
}

void verdict_end(struct verdict *verdict, const struct trace *trace, const char *error, struct yw_result *result)
{
	spread_replies(verdict);
	for (size_t i = 0; i < verdict->n; i++)
		if (verdict->fates[i] == VERDICT_OPEN)
			verdict->fates[i] = fate_after(trace, &verdict->replies[i]);
	result->outcome = outcome_of(verdict);
	put_text(verdict, trace, error, result->text);
	if (result->outcome == YW_RETRY)
		write_state(verdict, result);
}
