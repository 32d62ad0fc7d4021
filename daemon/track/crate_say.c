/* SPDX-License-Identifier: Apache-2.0 */
/* crate_say.c: what came of a look, in one line of the log. See crate_work.h. */
#include "base/numbers.h"
#include "base/text.h"
#include "track/crate_work.h"

#define SAID_MAX 700 /* bytes of events in one line */

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static void say_what_waits(const struct crate_work *work, struct strbuf *out)
{
	const char *comma = "";

	for (enum event_kind kind = 0; kind < EVENT_KINDS; kind++) {
		if (!(work->waits & 1u << kind))
			continue;
		strbuf_addf(out, "%s%s", comma, event_kind_name(kind));
		comma = ", ";
	}
	strbuf_adds(out, " waits for confirmation");
}

static void say_events(const struct crate_work *work, struct strbuf *out)
{
	const struct transitions *transitions = &work->transitions;
	char version[VERSION_TEXT_MAX];

	char seen[TIME_TEXT_MAX];
	char recorded[TIME_TEXT_MAX];

	if (work->newly_stale)
		strbuf_addf(out, "a copy of %s, older than the recorded one of %s, is not believed for a day",
			    time_format_rfc3339(work->seen->validators.last_modified * 1000, seen),
			    time_format_rfc3339(work->record.last_modified * 1000, recorded));
	if (work->waits && !work->same_as_pending)
		say_what_waits(work, out);
	if (transitions->count)
		strbuf_addf(out, "%s%zu event%s:", out->len ? "; " : "", transitions->count,
			    plural(transitions->count));
	for (size_t i = 0; i < transitions->count && out->len < SAID_MAX; i++) {
		const struct transition *transition = &transitions->items[i];
		const struct index_version *subject = transition->after ? transition->after : transition->before;
		strbuf_addf(out, " %s", event_kind_name(transition->kind));
		if (subject)
			strbuf_addf(out, " %s", text_safe(subject->vers, version, sizeof version));
	}
}

bool work_has_new_faults(const struct crate_work *work)
{
	const struct index_look *look = &work->look;

	return (look->bad && look->bad != work->record.unparsed) ||
	       (look->doubled && look->doubled != work->record.doubled);
}

static void say_faults(const struct crate_work *work, struct strbuf *out)
{
	const struct index_look *look = &work->look;
	char why[ERR_TEXT_MAX];

	if (look->bad)
		strbuf_addf(out, "%s%zu line%s cannot be read, kept aside, the first is line %zu: %s",
			    out->len ? "; " : "", look->bad, plural(look->bad), look->bad_line,
			    text_safe(look->bad_err.text, why, sizeof why));
	if (look->doubled)
		strbuf_addf(out, "%s%zu line%s more of a version that stands there already, yanked if any says so",
			    out->len ? "; " : "", look->doubled, plural(look->doubled));
}

void work_say(const struct crate_work *work, struct strbuf *out)
{
	say_events(work, out);
	if (work_has_new_faults(work))
		say_faults(work, out);
}
