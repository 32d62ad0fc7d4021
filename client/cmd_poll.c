/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_poll.c: ask the registries now. With --wait until every result is
 * committed, and then a poll that failed is a failure of the command.
 */
#include "ask.h"
#include "commands.h"

#include <inttypes.h>
#include <stdio.h>

const struct option_row poll_options[] = {
	{OPTION_REGISTRY},
	{"all", NULL, "every watch"},
	{"wait", NULL, "return when the results are committed; exit 1 when one failed"},
	{0},
};

static const struct column error_columns[] = {
	{"REGISTRY", "registry", column_text},
	{"CRATE", "crate", column_text},
	{"ERROR", "text", column_text},
	{0},
};

static void print_summary(const struct style *style, const cJSON *poll, bool wait)
{
	OWNED_STRBUF struct strbuf line = {0};
	int64_t polled = json_int(poll, "polled", 0);

	strbuf_addf(&line, "%s %" PRId64 " crate%s", wait ? "polled" : "polling", polled, polled == 1 ? "" : "s");
	if (wait)
		strbuf_addf(&line, ": %" PRId64 " changed, %" PRId64 " unchanged, %" PRId64 " failed",
			    json_int(poll, "changed", 0), json_int(poll, "unchanged", 0), json_int(poll, "failed", 0));
	style_line(style, COLOUR_NONE, strbuf_str(&line));
}

static int print_poll(const struct session *session, const cJSON *poll, bool wait, struct err *err)
{
	if (session->json)
		return style_json(poll, err);
	print_summary(&session->style, poll, wait);
	return session_print(session, error_columns, json_member(poll, "errors"), err);
}

int cmd_poll(const struct session *session, const struct args *args, struct err *err)
{
	OWNED_JSON cJSON *poll = NULL;
	bool wait = args_value(args, "wait");
	bool all = args_value(args, "all");

	if (all && args->operand_count > 0)
		return err_set(err, ERR_BAD, "poll: --all and names: one or the other");
	if (!all && args->operand_count == 0)
		return err_set(err, ERR_BAD, "poll: which crates: name them, or say --all");
	int rc = ask_post_crates(session->http, "/v1/poll", args_value(args, "registry"), args->operands,
				 args->operand_count, wait, &poll, err);
	if (rc == 0)
		rc = print_poll(session, poll, wait, err);
	int64_t failed = json_int(poll, "failed", 0);
	if (rc == 0 && failed > 0)
		rc = err_set(err, ERR_IO, "poll: %" PRId64 " of %" PRId64 " failed", failed,
			     json_int(poll, "polled", failed));
	return rc;
}
