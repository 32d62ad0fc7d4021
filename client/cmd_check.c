/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_check.c: is anything wrong with the versions that a lockfile has? For CI: the exit code is the
 * verdict. Crates that the daemon has not looked at yet are waited for.
 */
#include "base/clock.h"
#include "base/numbers.h"
#include "base/text.h"
#include "commands.h"
#include "finding.h"
#include "lockfile.h"
#include "report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TIMEOUT_DEFAULT "2m"
#define TIMEOUT_MAX_MS (INT64_C(24) * 3600 * 1000)
#define WAIT_MAX_S 30      /* of one request */
#define WAIT_PROGRESS_S 2  /* while somebody looks on */
#define BUSY_NAP_MS 500    /* before a daemon that is busy with other lockfiles is asked again */
#define STATUS_BUSY 503    /* its answer then */
#define STATUS_UNKNOWN 202 /* not every crate is known */

const struct option_row check_options[] = {
	{"format", "F", "as human, json, sarif or github; human if not given"},
	{"fail-on", "S", "exit 1 only for findings of this severity or a higher one"},
	{"timeout", "T", "how long to wait for crates that nobody has looked at yet; " TIMEOUT_DEFAULT " if not given"},
	{0},
};

struct question {
	const struct report_format *format;
	enum severity fail_on;
	int64_t timeout_ms;
};

static int take_question(const struct session *session, const struct args *args, struct question *ret, struct err *err)
{
	const char *format = args_value(args, "format");
	const char *fail_on = args_value(args, "fail-on");
	const char *timeout = args_value(args, "timeout");

	ret->format = report_format_find(format ? format : session->json ? "json" : "human");
	ret->fail_on = SEVERITY_INFO;
	if (!ret->format)
		return err_set(err, ERR_BAD, "--format: %s: allowed: human, json, sarif, github", format);
	if (fail_on && !severity_parse(fail_on, &ret->fail_on))
		return err_set(err, ERR_BAD, "--fail-on: %s: allowed: info, low, medium, high, critical", fail_on);
	if (!duration_parse_ms(timeout ? timeout : TIMEOUT_DEFAULT, &ret->timeout_ms) ||
	    ret->timeout_ms > TIMEOUT_MAX_MS)
		return err_set(err, ERR_BAD, "--timeout: %s: no duration: 30s, 2m or 1h, at most 24h", timeout);
	return 0;
}

/* ---- the answer, once all is known or the time is over ---- */

static void show_progress(const cJSON *answer)
{
	(void)fprintf(stderr, "\rlooking at crates: %" PRId64 " of %" PRId64 " known ", json_int(answer, "known", 0),
		      json_int(answer, "packages", 0));
	(void)fflush(stderr);
}

static void hide_progress(void)
{
	(void)fprintf(stderr, "\r%60s\r", "");
	(void)fflush(stderr);
}

static int ask_once(struct http *http, const struct lockfile *lockfile, int64_t wait_s, cJSON **ret, struct err *err)
{
	OWNED_STRBUF struct strbuf path = {0};

	strbuf_addf(&path, "/v1/check?wait=%" PRId64, wait_s);
	return lockfile_send(lockfile, http, "POST", &path, wait_s, ret, err);
}

/* Is it worth while to ask again? Then *ret is freed. */
static bool goes_on(const struct http *http, bool watched, int64_t left_ms, cJSON **answer)
{
	const struct timespec nap = {.tv_nsec = BUSY_NAP_MS * 1000000L};

	if (left_ms <= 0 || (http->status != STATUS_UNKNOWN && http->status != STATUS_BUSY))
		return false;
	if (http->status == STATUS_BUSY)
		(void)nanosleep(&nap, NULL);
	else if (watched)
		show_progress(*answer);
	cJSON_Delete(TAKE(*answer));
	return true;
}

static int ask(struct http *http, const struct lockfile *lockfile, int64_t timeout_ms, cJSON **ret, struct err *err)
{
	bool watched = isatty(STDERR_FILENO);
	int64_t end_ms = clock_mono_ms() + timeout_ms;
	int64_t step_s = watched ? WAIT_PROGRESS_S : WAIT_MAX_S;
	int64_t left_ms = timeout_ms;
	int rc;

	do {
		int64_t left_s = (left_ms + 999) / 1000;
		rc = ask_once(http, lockfile, left_s < step_s ? left_s : step_s, ret, err);
		left_ms = end_ms > clock_mono_ms() ? end_ms - clock_mono_ms() : 0;
	} while (goes_on(http, watched, left_ms, ret));
	if (watched)
		hide_progress();
	return rc;
}

/* ---- the verdict ---- */

static bool is_at_least(const cJSON *findings, enum severity severity)
{
	const cJSON *finding;

	cJSON_ArrayForEach (finding, findings)
		if (finding_severity(finding) >= severity)
			return true;
	return false;
}

static int tell_unknown(const struct report *report, struct err *err)
{
	OWNED_STRBUF struct strbuf text = {0};

	report_write_unknown(report->answer, &text);
	return err_set(err, ERR_BAD, "check: %s: a longer --timeout may help, `yankwatch status` tells what fails",
		       text.len ? strbuf_str(&text) : "not every crate was looked at");
}

/* What was found is certain, also when there may be more. */
static int judge(const struct report *report, enum severity fail_on, struct err *err)
{
	char safe[STYLE_TEXT_MAX];

	if (fflush(stdout) != 0 || ferror(stdout))
		return err_errno(err, "standard output");
	int rc = report->whole ? 0 : tell_unknown(report, err);
	if (!is_at_least(report->findings, fail_on))
		return rc;
	if (rc)
		(void)fprintf(stderr, "yankwatch: %s\n", text_safe(err->text, safe, sizeof safe));
	return COMMAND_SAYS_NO;
}

static int report_and_judge(struct report *report, const struct question *question, struct err *err)
{
	report->findings = json_member(report->answer, "findings");
	report->n_findings = (size_t)cJSON_GetArraySize(report->findings);
	report->whole = report->session->http->status != STATUS_UNKNOWN &&
			cJSON_GetArraySize(json_member(report->answer, "unknown")) == 0;
	OWNED_MEM unsigned *lines = calloc(report->n_findings + 1, sizeof *lines);
	if (!lines)
		return err_nomem(err);
	lockfile_find_lines(report->lockfile, report->findings, lines, report->n_findings);
	report->lines = lines;
	int rc = question->format->print(report, err);
	return rc ? rc : judge(report, question->fail_on, err);
}

static int check(const struct session *session, const struct args *args, struct err *err)
{
	OWNED_LOCKFILE struct lockfile lockfile = {0};
	OWNED_JSON cJSON *answer = NULL;
	struct question question = {0};

	int rc = take_question(session, args, &question, err);
	if (!rc)
		rc = lockfile_read(args->operands[0], &lockfile, err);
	if (!rc)
		rc = ask(session->http, &lockfile, question.timeout_ms, &answer, err);
	if (rc)
		return rc;
	struct report report = {.session = session, .lockfile = &lockfile, .answer = answer};
	return report_and_judge(&report, &question, err);
}

/* Exit 1 is a verdict here, so every failure is 2: nothing can be told of the lockfile. */
int cmd_check(const struct session *session, const struct args *args, struct err *err)
{
	int rc = check(session, args, err);

	return rc < 0 ? ERR_BAD : rc;
}
