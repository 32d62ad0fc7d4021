/* SPDX-License-Identifier: Apache-2.0 */
/* silence.c: see silence.h. */
#include "model/silence.h"

#include <fnmatch.h>
#include <string.h>

static bool is_or_any(const char *wanted, const char *name)
{
	return !wanted || strcmp(wanted, name) == 0;
}

/* A silence for one project must not hide a yank from another. */
static bool hits_no_other(const char *pattern, const struct routed_event *event)
{
	for (size_t i = 0; pattern && i < event->n_projects; i++)
		if (fnmatch(pattern, event->projects[i].project, 0) != 0)
			return false;
	return !pattern || event->n_projects > 0;
}

bool silence_matches(const struct silence_match *match, const struct routed_event *event, const char *version)
{
	return (match->kinds == 0 || match->kinds & 1u << event->kind) && is_or_any(match->registry, event->registry) &&
	       is_or_any(match->version, version) && (!match->crate || fnmatch(match->crate, event->crate, 0) == 0) &&
	       hits_no_other(match->project, event);
}

static bool is_too_long(const char *text, size_t max)
{
	return text && strlen(text) > max;
}

static bool has_control_bytes(const char *text)
{
	for (; text && *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return true;
	return false;
}

static const char *match_complaint(const struct silence_match *match)
{
	const char *const texts[] = {match->registry, match->crate, match->version, match->project};
	bool any = match->kinds != 0;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		if (is_too_long(texts[i], SILENCE_NAME_MAX) || has_control_bytes(texts[i]) ||
		    (texts[i] && !texts[i][0]))
			return "registry, crate, version and project are names of 1 to 256 bytes";
		any |= texts[i] != NULL;
	}
	return any ? NULL : "it would silence everything: give a registry, crate, version, project or event";
}

const char *silence_complaint(const struct silence *silence, int64_t now_ms)
{
	const char *complaint = match_complaint(&silence->match);

	if (complaint)
		return complaint;
	if (!silence->author || !silence->author[0] || is_too_long(silence->author, SILENCE_AUTHOR_MAX))
		return "an author is required, of at most 256 bytes";
	if (!silence->comment || !silence->comment[0] || is_too_long(silence->comment, SILENCE_COMMENT_MAX))
		return "a comment is required, of at most 1024 bytes: say why";
	if (silence->ends_ms <= now_ms)
		return "its end is required and must be in the future";
	if (silence->ends_ms - now_ms > SILENCE_MAX_MS)
		return "its end is too far away, allowed: at most a year from now";
	return NULL;
}
