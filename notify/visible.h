/* SPDX-License-Identifier: Apache-2.0 */
/*
 * visible.h: an attacker's text (a name, a reason, a receiver's answer) as a part
 * of one line that people read. What text_safe() makes visible is visible here,
 * too; on top of that line ends and runs of blanks are one blank, and the length
 * is bounded. The result is valid UTF-8 whatever came in.
 */
#pragma once

#include "base/strbuf.h"

#define VISIBLE_NAME_MAX 128    /* characters of a crate's, version's, project's or person's name */
#define VISIBLE_TEXT_MAX 1000   /* of a reason or another free text */
#define VISIBLE_COMMAND_MAX 300 /* of a command to run */

/* Appends at most `max` characters of `text`, and "…" when there were more. */
void visible_add(struct strbuf *out, const char *text, size_t max);

/* True when a shell takes each word of `text` as it stands: a command that
 * anybody's text is a part of is shown only then. */
bool visible_is_plain_command(const char *text);
