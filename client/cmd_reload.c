/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_reload.c: the daemon reads its configuration again, and says what is wrong with it, as --check-config does. */
#include "ask.h"
#include "base/text.h"
#include "commands.h"

#include <stdio.h>

static void print_faults(const cJSON *errors)
{
	char safe[STYLE_TEXT_MAX];
	const cJSON *error;

	cJSON_ArrayForEach (error, errors)
		if (cJSON_IsString(error))
			(void)fprintf(stderr, "%s\n", text_safe(error->valuestring, safe, sizeof safe));
}

int cmd_reload(const struct session *session, const struct args *args, struct err *err)
{
	static const char *const path[] = {"/v1/reload"};
	OWNED_STRBUF struct strbuf line = {0};
	OWNED_JSON cJSON *answer = NULL;
	(void)args;

	int rc = ask_post(session->http, path, ARRAY_LEN(path), NULL, true, &answer, err);
	if (rc)
		return rc;
	bool reloaded = json_bool(answer, "reloaded", false);
	const char *file = json_string(answer, "file");
	strbuf_addf(&line, "%s: %s", file ? file : "the configuration",
		    reloaded ? "in force" : "faulty, the old one stays in force");
	if (!reloaded && !session->json)
		print_faults(json_member(answer, "errors"));
	rc = session_tell(session, answer, &line, err);
	return rc ? rc : reloaded ? 0 : COMMAND_SAYS_NO;
}
