/* SPDX-License-Identifier: Apache-2.0 */
/* trouble.c: see trouble.h. */
#include "trouble.h"

#include "base/numbers.h"
#include "columns.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SWEEPS_LATE 3                       /* so many intervals without a whole sweep, and: */
#define SWEEP_GRACE_MS (INT64_C(60) * 1000) /* for what is on its way */
#define ALERT_LATE_MS (INT64_C(10) * 60 * 1000)
#define GROUP_LATE_MS (INT64_C(2) * 60 * 1000)
#define WAL_LARGE (INT64_C(256) << 20) /* bytes; a checkpoint keeps it far below */

/* What is looked at, and what is said of it. */
struct look {
	const struct style *style;
	const cJSON *item; /* the part, or one of its items */
	const char *name;  /* of an item; "" */
	int64_t now_ms;
	struct strbuf *line;
};

static bool is_state(const struct look *look, const char *state)
{
	const char *text = json_string(look->item, "state");
	return text && strcmp(text, state) == 0;
}

/* Of a registry: one line has said what all others would repeat. */
static bool is_down(const cJSON *registry)
{
	static const char *const states[] = {"blind", "incident", "failing"};
	const char *state = json_string(registry, "state");

	for (size_t i = 0; state && i < ARRAY_LEN(states); i++)
		if (strcmp(state, states[i]) == 0)
			return true;
	return false;
}

/* How long ago the member's time was; -1: it has none. */
static int64_t age_ms(const struct look *look, const char *key)
{
	const char *text = json_string(look->item, key);
	int64_t wall_ms;

	return text && time_parse_rfc3339(text, &wall_ms) && wall_ms <= look->now_ms ? look->now_ms - wall_ms : -1;
}

/* ": connection refused (3 min ago)", where there is a last error. */
static void add_error(const struct look *look)
{
	const cJSON *error = json_member(look->item, "last_error");
	const char *text = json_string(error, "text");
	const char *at = json_string(error, "at");
	char buf[STYLE_TIME_MAX];

	if (text)
		strbuf_addf(look->line, ": %s", text);
	if (text && at && look->style->terminal && *style_ago(at, buf))
		strbuf_addf(look->line, " (%s)", buf);
}

static void add_many(const struct look *look, int64_t count, const char *one, const char *many)
{
	strbuf_addf(look->line, "%" PRId64 " %s", count, count == 1 ? one : many);
}

/* ---- registries ---- */

static void say_blind(const struct look *look)
{
	if (!is_state(look, "blind"))
		return;
	strbuf_addf(look->line, "%s is blind, a yank would not be seen", look->name);
	add_error(look);
}

static void say_incident(const struct look *look)
{
	if (is_state(look, "incident"))
		strbuf_addf(look->line,
			    "%s has lost many crates at once, or its config.json: deletions are held back, "
			    "ask who runs it",
			    look->name);
}

static void say_failing(const struct look *look)
{
	if (!is_state(look, "failing"))
		return;
	strbuf_addf(look->line, "%s fails", look->name);
	add_error(look);
}

static void say_paused(const struct look *look)
{
	const char *until = json_string(look->item, "paused_until");
	char buf[STYLE_TIME_MAX];

	if (!until || is_down(look->item))
		return;
	if (look->style->terminal && *style_ago(until, buf))
		strbuf_addf(look->line, "%s is asked again %s", look->name, buf);
	else
		strbuf_addf(look->line, "%s is not asked before %s", look->name, style_time(look->style, until, buf));
	add_error(look);
}

/* How long a sweep takes: the interval, or what the budget makes of the watches. */
static int64_t sweep_ms(const cJSON *registry)
{
	int64_t interval = json_int(registry, "interval_ms", 0);
	int64_t budget = json_int(registry, "requests_per_second", 0);
	int64_t least = budget > 0 ? json_int(registry, "watches", 0) * 1000 / budget : 0;

	return interval > least ? interval : least;
}

static void say_behind(const struct look *look)
{
	char span[DURATION_TEXT_MAX];
	int64_t since = age_ms(look, "swept_at");
	int64_t wanted = sweep_ms(look->item);

	if (is_down(look->item) || since <= SWEEPS_LATE * wanted + SWEEP_GRACE_MS)
		return;
	strbuf_addf(look->line, "%s is behind: not every crate was polled well for %s", look->name,
		    format_span(since, span));
	strbuf_addf(look->line, " (a sweep takes %s); the log names those that fail", format_span(wanted, span));
}

static void say_crates_fail(const struct look *look)
{
	int64_t failing = json_int(look->item, "failing", 0);

	if (failing <= 0 || is_down(look->item))
		return;
	add_many(look, failing, "crate", "crates");
	strbuf_addf(look->line, " of %s could not be polled the last time: the log names %s", look->name,
		    failing == 1 ? "it" : "them");
}

static void say_unparsed(const struct look *look)
{
	int64_t unparsed = json_int(look->item, "unparsed", 0);

	if (unparsed <= 0)
		return;
	add_many(look, unparsed, "crate of", "crates of");
	strbuf_addf(look->line,
		    " %s %s index lines that cannot be read or repeat a version: see `yankwatch show CRATE`",
		    look->name, unparsed == 1 ? "has" : "have");
}

/* The web API that is asked why versions were yanked. */
static void say_no_reasons(const struct look *look)
{
	const cJSON *reasons = json_member(look->item, "reasons");
	const char *until = json_string(reasons, "paused_until");
	const char *text = json_string(json_member(reasons, "last_error"), "text");
	char buf[STYLE_TIME_MAX];

	if (until)
		strbuf_addf(look->line, "%s: why versions were yanked is not asked before %s%s%s", look->name,
			    style_time(look->style, until, buf), text ? ", its web API said: " : "", text ? text : "");
}

/* ---- notifiers ---- */

static void say_disabled(const struct look *look)
{
	const char *at = json_string(look->item, "disabled_at");
	const char *text = json_string(look->item, "disabled_text");
	char buf[STYLE_TIME_MAX];

	if (at)
		strbuf_addf(look->line, "%s is switched off since %s%s%s: `yankwatch notifier enable %s` takes it back",
			    look->name, style_time(look->style, at, buf), text && *text ? ", " : "", text ? text : "",
			    look->name);
}

/* Its plugin ended or cannot start, so that nothing goes to it. A pause between deliveries has another state. */
static void say_does_not_run(const struct look *look)
{
	const char *text = json_string(json_member(look->item, "last_error"), "text");

	if (is_state(look, "pausing") && text)
		strbuf_addf(look->line, "%s does not run: %s", look->name, text);
}

static void say_alerts_wait(const struct look *look)
{
	char span[DURATION_TEXT_MAX];
	int64_t since = age_ms(look, "due_since");
	int64_t waiting = json_int(look->item, "waiting", 1);

	if (since <= ALERT_LATE_MS || json_string(look->item, "disabled_at"))
		return;
	strbuf_addf(look->line, "%s: ", look->name);
	add_many(look, waiting, "notification waits", "notifications wait");
	strbuf_addf(look->line, ", the oldest for %s", format_span(since, span));
	add_error(look);
}

static void say_group_stuck(const struct look *look)
{
	char span[DURATION_TEXT_MAX];
	int64_t since = age_ms(look, "group_due_at");

	if (since > GROUP_LATE_MS && !json_string(look->item, "disabled_at"))
		strbuf_addf(look->line, "%s: a group was to be complete %s ago and still gathers", look->name,
			    format_span(since, span));
}

/* ---- the rest ---- */

/* No registry is at fault. */
static void say_not_running(const struct look *look)
{
	const cJSON *registry;

	if (json_bool(look->item, "healthy", true))
		return;
	cJSON_ArrayForEach (registry, json_member(look->item, "registries")) {
		if (is_down(registry))
			return;
	}
	strbuf_adds(look->line, "it starts, or is about to end");
}

static void say_dead(const struct look *look)
{
	int64_t dead = json_int(look->item, "dead", 0);

	if (dead <= 0)
		return;
	add_many(look, dead, "dead letter", "dead letters");
	strbuf_adds(look->line, ": see `yankwatch notifications --state dead`");
}

static void say_reload(const struct look *look)
{
	const char *text = json_string(json_member(look->item, "last_error"), "text");

	if (!text)
		return;
	strbuf_adds(look->line, "the last reload was refused, the configuration before it is in force");
	add_error(look);
}

static void say_altered(const struct look *look)
{
	int64_t seq = json_int(look->item, "altered_at", 0);

	if (seq > 0)
		strbuf_addf(look->line,
			    "the history was not what was signed when the daemon started, at event %" PRId64
			    " or before: `yankwatch verify` names the first that is wrong",
			    seq);
}

static void say_commits(const struct look *look)
{
	int64_t failed = json_int(look->item, "failed_commits", 0);

	if (failed <= 0)
		return;
	add_many(look, failed, "commit", "commits");
	strbuf_adds(look->line, " failed since the start: is the disk full? The log says why");
}

static void say_queue(const struct look *look)
{
	int64_t queue = json_int(look->item, "queue", 0);
	int64_t places = json_int(look->item, "places", 0);

	if (places > 0 && queue > places - places / 10)
		strbuf_addf(look->line, "the tracker does not keep up, %" PRId64 " of %" PRId64 " places are taken",
			    queue, places);
}

static void say_wal(const struct look *look)
{
	int64_t bytes = json_int(look->item, "wal_bytes", 0);

	if (bytes > WAL_LARGE)
		strbuf_addf(look->line,
			    "the database's write-ahead log has %" PRId64 " MiB: somebody reads from it for long",
			    bytes >> 20);
}

static void say_dropped(const struct look *look)
{
	int64_t dropped = json_int(look->item, "dropped", 0);

	if (dropped <= 0)
		return;
	strbuf_adds(look->line, "log: ");
	add_many(look, dropped, "line dropped", "lines dropped");
}

/* Worst first; no part: the status itself. A part that is an array is looked at item by item, by the name under `name`.
 */
static const struct trouble {
	const char *part, *name;
	void (*say)(const struct look *look);
	enum colour colour;
} troubles[] = {
	{NULL, NULL, say_not_running, COLOUR_YELLOW},
	{"registries", "registry", say_blind, COLOUR_ALARM},
	{"registries", "registry", say_incident, COLOUR_RED},
	{"registries", "registry", say_failing, COLOUR_RED},
	{"tracker", NULL, say_altered, COLOUR_ALARM},
	{"tracker", NULL, say_commits, COLOUR_RED},
	{"outbox", NULL, say_dead, COLOUR_RED},
	{"notifiers", "notifier", say_disabled, COLOUR_RED},
	{"notifiers", "notifier", say_does_not_run, COLOUR_RED},
	{"notifiers", "notifier", say_alerts_wait, COLOUR_RED},
	{"notifiers", "notifier", say_group_stuck, COLOUR_RED},
	{"registries", "registry", say_behind, COLOUR_YELLOW},
	{"registries", "registry", say_paused, COLOUR_YELLOW},
	{"registries", "registry", say_crates_fail, COLOUR_YELLOW},
	{"registries", "registry", say_no_reasons, COLOUR_YELLOW},
	{"registries", "registry", say_unparsed, COLOUR_YELLOW},
	{"config", NULL, say_reload, COLOUR_YELLOW},
	{"tracker", NULL, say_queue, COLOUR_YELLOW},
	{"database", NULL, say_wal, COLOUR_YELLOW},
	{"log", NULL, say_dropped, COLOUR_NONE},
};

/* Who is told of each line. */
struct listener {
	void (*tell)(struct listener *listener, enum colour colour, const char *line);
	const struct style *style;
	bool is_urgent;
};

static void look_at(struct listener *listener, const struct trouble *trouble, const cJSON *item, int64_t now_ms)
{
	OWNED_STRBUF struct strbuf line = {0};
	const char *name = trouble->name ? json_string(item, trouble->name) : "";

	if (name)
		trouble->say(&(struct look){listener->style, item, name, now_ms, &line});
	if (line.len)
		listener->tell(listener, trouble->colour, strbuf_str(&line));
}

static void look_at_all(struct listener *listener, const cJSON *status, int64_t now_ms)
{
	for (size_t i = 0; i < ARRAY_LEN(troubles); i++) {
		const cJSON *part = troubles[i].part ? json_member(status, troubles[i].part) : status;
		const cJSON *item;

		if (!troubles[i].name)
			look_at(listener, &troubles[i], part, now_ms);
		else
			cJSON_ArrayForEach (item, part)
				look_at(listener, &troubles[i], item, now_ms);
	}
}

static void print_line(struct listener *listener, enum colour colour, const char *line)
{
	style_line(listener->style, colour, line);
}

void trouble_print(const struct style *style, const cJSON *status, int64_t now_ms)
{
	look_at_all(&(struct listener){.tell = print_line, .style = style}, status, now_ms);
}

static void note_urgency(struct listener *listener, enum colour colour, const char *line)
{
	(void)line;
	listener->is_urgent |= colour == COLOUR_RED || colour == COLOUR_ALARM;
}

bool trouble_is_urgent(const struct style *style, const cJSON *status, int64_t now_ms)
{
	struct listener listener = {.tell = note_urgency, .style = style};

	look_at_all(&listener, status, now_ms);
	return listener.is_urgent;
}
