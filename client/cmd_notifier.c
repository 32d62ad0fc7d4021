/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_notifier.c: the notifiers: how they are, a test message through one of them,
 * and one that its receiver has switched off back into service.
 */
#include "ask.h"
#include "base/numbers.h"
#include "commands.h"

#include <string.h>

int cmd_notifier_list(const struct session *session, const struct args *args, struct err *err)
{
	OWNED_JSON cJSON *answer = NULL;

	(void)args;
	int rc = ask_get(session->http, "/v1/notifiers", &answer, err);
	if (rc)
		return rc;
	const cJSON *notifiers = json_member(answer, "notifiers");
	if (cJSON_GetArraySize(notifiers) == 0)
		session_tell_none(session, "notifiers");
	return session->json ? session_print(session, notifier_columns, notifiers, err)
			     : columns_print(&session->style, NULL, notifier_columns, notifiers, err);
}

static int ask_notifier(struct http *http, const char *name, const char *what, cJSON **ret_answer, struct err *err)
{
	return ask_post(http, (const char *const[]){"/v1/notifiers", name, what}, 3, NULL, true, ret_answer, err);
}

/* "hook: delivered in 35ms: 204 No Content" */
static void add_outcome(struct strbuf *line, const cJSON *answer, const char *name, bool delivered)
{
	char took[DURATION_TEXT_MAX];
	const char *outcome = json_string(answer, "outcome");
	const char *text = json_string(answer, "text");

	strbuf_addf(line, "%s: ", name);
	if (delivered)
		strbuf_addf(line, "delivered in %s", duration_format(json_int(answer, "duration_ms", 0), took));
	else
		strbuf_addf(line, "not delivered (%s)", outcome ? outcome : "no outcome");
	if (text && *text)
		strbuf_addf(line, ": %s", text);
}

int cmd_notifier_test(const struct session *session, const struct args *args, struct err *err)
{
	OWNED_STRBUF struct strbuf line = {0};
	OWNED_JSON cJSON *answer = NULL;
	const char *name = args->operands[0];

	int rc = ask_notifier(session->http, name, "test", &answer, err);
	if (rc)
		return rc;
	const char *outcome = json_string(answer, "outcome");
	bool delivered = outcome && strcmp(outcome, "ok") == 0;
	add_outcome(&line, answer, name, delivered);
	if (session->json || delivered)
		rc = session_tell(session, answer, &line, err);
	return rc || delivered ? rc : err_set(err, ERR_IO, "%s", strbuf_str(&line));
}

int cmd_notifier_enable(const struct session *session, const struct args *args, struct err *err)
{
	OWNED_STRBUF struct strbuf line = {0};
	OWNED_JSON cJSON *answer = NULL;
	const char *name = args->operands[0];

	int rc = ask_notifier(session->http, name, "enable", &answer, err);
	if (rc)
		return rc;
	strbuf_addf(&line, "%s is in service again", name);
	return session_tell(session, answer, &line, err);
}
