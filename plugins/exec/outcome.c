/* SPDX-License-Identifier: Apache-2.0 */
/* outcome.c: see outcome.h. */
#include "outcome.h"

#include "lib/escape.h"

#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>

enum yw_outcome outcome_of(int wait_status)
{
	if (!WIFEXITED(wait_status))
		return YW_RETRY;
	switch (WEXITSTATUS(wait_status)) {
	case EX_OK:
		return YW_OK;
	case EX_DATAERR:
		return YW_REJECT;
	default: /* an int, not an enum: nobody knows them all */
		return YW_RETRY;
	}
}

static void describe(const struct child_end *end, char *text, size_t size)
{
	if (end->error)
		(void)snprintf(text, size, "cannot be run: %s", strerror(end->error));
	else if (end->timed_out)
		(void)snprintf(text, size, "killed: not done before the deadline");
	else if (WIFEXITED(end->status))
		(void)snprintf(text, size, "exit status %d", WEXITSTATUS(end->status));
	else
		(void)snprintf(text, size, "killed by signal %d", WTERMSIG(end->status));
}

void outcome_fill(const struct child_end *end, struct yw_result *result)
{
	describe(end, result->text, sizeof result->text);
	result->outcome = end->error || end->timed_out ? YW_RETRY : outcome_of(end->status);
	if (end->said_len == 0)
		return;
	size_t at = strlen(result->text);
	at += (size_t)snprintf(result->text + at, sizeof result->text - at, ": ");
	(void)escape_controls(end->said, end->said_len, result->text + at, sizeof result->text - at);
}
