/* SPDX-License-Identifier: Apache-2.0 */
/*
 * complete.h: what may stand next on the command line, for completions: words from the
 * tables of commands and options, and names that the daemon knows, when it answers at once.
 */
#pragma once

#include "session.h"

/*
 * Prints, a line each, what the last of the words may become, a tab and what that is; or
 * ":files" when it is a file's path. The words are those behind the program's name, the
 * last one as far as it is written. Never fails: what cannot be told is left out.
 */
void complete_print(const struct session *session, char **words, size_t n);
