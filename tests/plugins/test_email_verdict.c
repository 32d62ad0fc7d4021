/* SPDX-License-Identifier: Apache-2.0 */
/* What the server's replies mean for each recipient, over the attempts, and for the notification. */
#include "email/verdict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROWS(rows) (sizeof(rows) / sizeof(rows)[0])
#define N 3

static const struct address to[N] = {{.spec = "a@x"}, {.spec = "b@x"}, {.spec = "ab@x"}};

/* A session: lines of "> " and what is sent, or "< " and what comes. */
static void play(struct trace *trace, const char *session)
{
	for (const char *end; (end = strchr(session, '\n')); session = end + 1) {
		char line[200];
		int len = snprintf(line, sizeof line, "%.*s\r\n", (int)(end - session - 2), session + 2);
		if (*session == '>')
			trace_sent(trace, line, (size_t)len);
		else
			trace_received(trace, line, (size_t)len);
	}
}

static void expect(const char *before, const char *session, const char *error, enum yw_outcome outcome,
		   const char *text, const char *after)
{
	enum verdict_fate fates[N];
	struct trace_reply replies[N];
	struct verdict verdict = {.to = to, .n = N, .fates = fates, .replies = replies};
	struct yw_result result = {.size = sizeof result};
	struct trace trace = {.recipients = replies};

	verdict_begin(&verdict, before);
	for (size_t i = 0; i < N; i++)
		trace.n_recipients += fates[i] == VERDICT_OPEN;
	play(&trace, session);
	verdict_end(&verdict, &trace, error, &result);
	assert_string_equal(result.text, text);
	assert_string_equal(result.state, after);
	assert_int_equal(result.outcome, outcome);
}

#define HELLO "< 220 hi\n> EHLO me\n< 250-x\n< 250 SIZE\n"
#define SENDER HELLO "> MAIL FROM:<me@x>\n< 250 ok\n"
#define RCPT(reply) "> RCPT TO:<?>\n< " reply "\n"
#define MAIL(reply) "> DATA\n< 354 go\n< " reply "\n"
#define QUIT "> QUIT\n< 221 bye\n"

static void all_accepted_is_ok(void **state)
{
	(void)state;
	expect("", SENDER RCPT("250 ok") RCPT("251 ok") RCPT("250 ok") MAIL("250 queued as 7") QUIT, "", YW_OK,
	       "accepted for 3 of 3: 250 queued as 7", "");
}

static void one_refusal_does_not_stop_the_others(void **state)
{
	(void)state;
	expect("", SENDER RCPT("250 ok") RCPT("550 no") RCPT("250 ok") MAIL("250 yes"), "", YW_OK,
	       "accepted for 2 of 3: 250 yes; refused for good: b@x (550 no)", "");
	expect("", SENDER RCPT("450 later") RCPT("550 no") RCPT("250 ok") MAIL("250 yes"), "", YW_RETRY,
	       "accepted for 1 of 3: 250 yes; refused for good: b@x (550 no); again later: a@x (450 later)",
	       "-b@x +ab@x");
}

static void the_next_attempt_is_for_those_who_are_left(void **state)
{
	(void)state;
	expect("-b@x +ab@x", SENDER RCPT("250 ok") MAIL("250 yes"), "", YW_OK,
	       "accepted for 2 of 3: 250 yes; refused for good: b@x", "");
	expect("-b@x +ab@x", SENDER RCPT("550 no"), "RCPT failed", YW_OK,
	       "accepted for 1 of 3; refused for good: a@x (550 no), b@x", "");
	expect("-b@x +ab@x", HELLO, "timed out", YW_RETRY,
	       "accepted for 1 of 3; ended at EHLO: timed out; refused for good: b@x", "-b@x +ab@x");
	expect("+a@x +b@x -ab@x", "", "", YW_OK, "accepted for 2 of 3; refused for good: ab@x", "");
	/* Who was told but is none of ours any more, and nonsense. */
	expect("+gone@x  +a@x ? +", SENDER RCPT("250 ok") RCPT("250 ok") MAIL("250 yes"), "", YW_OK,
	       "accepted for 3 of 3: 250 yes", "");
}

static void all_refused_is_a_rejection(void **state)
{
	(void)state;
	expect("", SENDER RCPT("550 no") RCPT("551 no") RCPT("599 no") QUIT, "RCPT failed", YW_REJECT,
	       "refused for good: a@x (550 no), b@x (551 no), ab@x (599 no)", "");
	expect("", SENDER RCPT("250 ok") RCPT("250 ok") RCPT("550 no") MAIL("554 spam"), "", YW_REJECT,
	       "the mail: 554 spam; refused for good: a@x, b@x, ab@x (550 no)", "");
	expect("",
	       HELLO "> MAIL FROM:<me@x>\n"
		     "< 552 too large\n" QUIT,
	       "MAIL failed", YW_REJECT, "sender: 552 too large; refused for good: a@x, b@x, ab@x", "");
}

static void what_can_pass_is_tried_again(void **state)
{
	(void)state;
	static const struct {
		const char *session, *text;
	} rows[] = {
		{"", "no connection: E"},
		{HELLO "> STARTTLS\n"
		       "< 220 go\n",
		 "ended at STARTTLS: E"},
		{"< 554 go away\n", "greeting: 554 go away"},
		{"< 220 hi\n"
		 "> EHLO me\n"
		 "< 502 no\n"
		 "> HELO me\n"
		 "< 501 who\n",
		 "EHLO: 501 who"},
		{HELLO "> STARTTLS\n"
		       "< 454 not now\n",
		 "STARTTLS: 454 not now"},
		{HELLO "> AUTH PLAIN\n"
		       "< 334 \n"
		       "> AGEAYg==\n"
		       "< 535 5.7.8 wrong\n" QUIT,
		 "login: 535 5.7.8 wrong"},
		{HELLO "> MAIL FROM:<me@x>\n"
		       "< 530 log in\n",
		 "sender: 530 log in"},
		{HELLO "> MAIL FROM:<me@x>\n"
		       "< 421 bye\n",
		 "sender: 421 bye"},
		{SENDER RCPT("250 ok"), "ended at recipient: E"},
		{SENDER RCPT("552 many") RCPT("530 log in") RCPT("452 full"),
		 "again later: a@x (552 many), b@x (530 log in), ab@x (452 full)"},
		{SENDER RCPT("250 ok") RCPT("250 ok") RCPT("250 ok") "> DATA\n"
								     "< 451 no\n",
		 "the mail: 451 no"},
		{SENDER RCPT("250 ok") RCPT("250 ok") RCPT("250 ok") MAIL("452 full"), "the mail: 452 full"},
		{SENDER RCPT("250 ok") RCPT("250 ok") RCPT("250 ok") "> DATA\n"
								     "< 354 go\n",
		 "no answer to the mail, which may come twice: E"},
		{SENDER RCPT("250 ok") RCPT("250 ok") RCPT("250 ok") MAIL("hello?"),
		 "no answer to the mail, which may come twice: E"},
	};

	for (size_t i = 0; i < ROWS(rows); i++)
		expect("", rows[i].session, "E", YW_RETRY, rows[i].text, "");
}

static void replies_are_read_line_by_line(void **state)
{
	(void)state;
	struct trace_reply reply = {0};
	struct trace trace = {.recipients = &reply, .n_recipients = 1};
	static const char lines[] = "550-5.1.1 first\r\n550-5.1.1\r\n550 last\x1b\r\n";

	trace_sent(&trace, "RCPT TO:<a@x>\r\n", 15);
	trace_received(&trace, lines, strlen(lines));
	assert_int_equal(reply.code, 550);
	assert_string_equal(reply.text, "5.1.1 first 5.1.1 last\x1b");
	/* More than was asked for, and more than fits. */
	trace_sent(&trace, "RCPT TO:<b@x>\r\n", 15);
	trace_received(&trace, "250 ok\r\n", 8);
	assert_int_equal(reply.code, 550);
	char long_line[1000];
	memset(long_line, '2', sizeof long_line);
	long_line[3] = ' ';
	trace_sent(&trace, "DATA\r\n", 6);
	trace_received(&trace, long_line, sizeof long_line);
	assert_int_equal(strlen(trace.end.text), TRACE_TEXT_MAX - 1);
}

/* A server's words go into a log: what hides is shown, and too many words are cut. */
static void texts_are_clean_and_bounded(void **state)
{
	(void)state;
	struct address many[100];
	enum verdict_fate fates[100];
	struct trace_reply replies[100];
	struct verdict verdict = {.to = many, .n = 100, .fates = fates, .replies = replies};
	struct yw_result result = {.size = sizeof result};
	struct trace trace = {.stage = TRACE_RCPT, .recipients = replies, .n_recipients = 100};

	for (size_t i = 0; i < 100; i++)
		(void)snprintf(many[i].spec, sizeof many[i].spec, "r%zu@x", i);
	verdict_begin(&verdict, "");
	for (size_t i = 0; i < 100; i++)
		replies[i] = (struct trace_reply){.code = 550, .text = "\xe2\x80\xae\x1b[m"};
	verdict_end(&verdict, &trace, "", &result);
	assert_non_null(strstr(result.text, "refused for good: r0@x (550 \\u{202e}\\u{1b}[m), r1@x"));
	assert_non_null(strstr(result.text, " and 90 more"));
	assert_int_equal(result.outcome, YW_REJECT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_accepted_is_ok),
		cmocka_unit_test(one_refusal_does_not_stop_the_others),
		cmocka_unit_test(the_next_attempt_is_for_those_who_are_left),
		cmocka_unit_test(all_refused_is_a_rejection),
		cmocka_unit_test(what_can_pass_is_tried_again),
		cmocka_unit_test(replies_are_read_line_by_line),
		cmocka_unit_test(texts_are_clean_and_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
