/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_completion.c: prints what a shell reads to complete our command lines, and
 * (`completion words -- WORD…`) answers what that asks at each press of the key.
 */
#include "commands.h"
#include "complete.h"
#include "completion.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *shell, *script;
} scripts[] = {
	{"bash", completion_bash},
	{"zsh", completion_zsh},
	{"fish", completion_fish},
};

int cmd_completion(const struct session *session, const struct args *args, struct err *err)
{
	const char *shell = args->operands[0];

	if (strcmp(shell, "words") == 0 && args->operand_count > 1) {
		complete_print(session, args->operands + 1, args->operand_count - 1);
		return 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(scripts); i++)
		if (strcmp(shell, scripts[i].shell) == 0 && args->operand_count == 1)
			return fputs(scripts[i].script, stdout) == EOF ? err_errno(err, "standard output") : 0;
	return err_set(err, ERR_BAD, "completion: %s: allowed: bash, zsh, fish", shell);
}
