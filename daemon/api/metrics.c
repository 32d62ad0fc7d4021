/* SPDX-License-Identifier: Apache-2.0 */
/* metrics.c: see metrics.h. Names and units: https://prometheus.io/docs/practices/naming/ */
#include "api/metrics.h"

#include "base/numbers.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PREFIX "yankwatch_"

/* What becomes of the member. */
enum value {
	NUMBER,
	MILLISECONDS, /* in seconds */
	MICROSECONDS, /* the same */
	TIME,         /* RFC 3339, in seconds since 1970 */
	TRUTH,        /* 1 or 0 */
	IS_THERE,     /* 1; 0 when it is absent */
	IS_ABSENT,
	TEXT,  /* 1, and the text is the label */
	STATE, /* one sample for each of `words`, which the label names: 1 for what it is */
	EACH,  /* its members, each a number; their keys are the label */
};

static const char gauge[] = "gauge";
static const char counter[] = "counter";

/* A counter is named _total. A metric of registries or notifiers has a sample for each. */
static const struct metric {
	const char *name, *type, *help;
	const char *part; /* member of the status; NULL = the status itself */
	const char *key;  /* member of the part */
	enum value value;
	const char *label; /* TEXT, STATE, EACH */
	const char *words; /* STATE */
} metrics[] = {
	{"build_info", gauge, "The daemon's version.", NULL, "version", TEXT, "version", NULL},
	{"start_time_seconds", gauge, "When the daemon started.", NULL, "started_at", TIME, NULL, NULL},
	{"healthy", gauge, "Whether it runs and no registry is failing, blind or in an incident.", NULL, "healthy",
	 TRUTH, NULL, NULL},
	{"config_loaded_timestamp_seconds", gauge, "Since when the configuration is in force.", "config", "loaded_at",
	 TIME, NULL, NULL},
	{"config_last_reload_successful", gauge, "Whether the last reload had an effect.", "config", "last_error",
	 IS_ABSENT, NULL, NULL},

	{"registry_state", gauge, "The state of the registry: 1 for what it is.", "registries", "state", STATE, "state",
	 "starting ok failing blind incident"},
	{"registry_watches", gauge, "Watched crates.", "registries", "watches", NUMBER, NULL, NULL},
	{"registry_missing_crates", gauge, "Crates that were there and found absent at their last look.", "registries",
	 "missing", NUMBER, NULL, NULL},
	{"registry_waiting_crates", gauge, "Crates with a change that waits for confirmation.", "registries", "waiting",
	 NUMBER, NULL, NULL},
	{"registry_failing_crates", gauge, "Crates whose last poll failed.", "registries", "failing", NUMBER, NULL,
	 NULL},
	{"registry_unparsed_crates", gauge, "Crates whose file has lines that cannot be read or repeat a version.",
	 "registries", "unparsed", NUMBER, NULL, NULL},
	{"registry_requests_in_flight", gauge, "Requests under way.", "registries", "in_flight", NUMBER, NULL, NULL},
	{"registry_requests_total", counter, "Requests sent.", "registries", "requests", NUMBER, NULL, NULL},
	{"registry_received_bytes_total", counter, "Bytes of the bodies that came, unpacked.", "registries",
	 "received_bytes", NUMBER, NULL, NULL},
	{"registry_polls_total", counter, "Replies about crates.", "registries", "polls", NUMBER, NULL, NULL},
	{"registry_not_modified_total", counter, "Replies that said 304.", "registries", "not_modified", NUMBER, NULL,
	 NULL},
	{"registry_stale_total", counter, "Replies that were older than what is recorded.", "registries", "stale",
	 NUMBER, NULL, NULL},
	{"registry_failures_total", counter, "What went wrong.", "registries", "failures", NUMBER, NULL, NULL},
	{"registry_interval_seconds", gauge, "The poll interval.", "registries", "interval_ms", MILLISECONDS, NULL,
	 NULL},
	{"registry_budget_requests_per_second", gauge, "Requests that it may be sent a second.", "registries",
	 "requests_per_second", NUMBER, NULL, NULL},
	{"registry_late_seconds", gauge, "How long the most overdue watch has waited past its time.", "registries",
	 "late_ms", MILLISECONDS, NULL, NULL},
	{"registry_swept_timestamp_seconds", gauge, "When every watch had been polled well once more.", "registries",
	 "swept_at", TIME, NULL, NULL},
	{"registry_last_success_timestamp_seconds", gauge, "When the last good reply came.", "registries",
	 "last_success_at", TIME, NULL, NULL},
	{"registry_paused", gauge, "Whether it asked to wait, or failed too often in a row.", "registries",
	 "paused_until", IS_THERE, NULL, NULL},

	{"loop_longest_turn_seconds", gauge, "The longest turn of the loop since the start.", "loop", "longest_turn_us",
	 MICROSECONDS, NULL, NULL},
	{"loop_longest_turn_cpu_seconds", gauge, "The same in processor time.", "loop", "longest_turn_cpu_us",
	 MICROSECONDS, NULL, NULL},
	{"loop_turn_p999_seconds", gauge, "What 999 of 1000 turns are shorter than.", "loop", "turn_p999_us",
	 MICROSECONDS, NULL, NULL},
	{"tracker_queue_jobs", gauge, "Jobs that wait for the tracker.", "tracker", "queue", NUMBER, NULL, NULL},
	{"tracker_queue_places", gauge, "Jobs that may wait.", "tracker", "places", NUMBER, NULL, NULL},
	{"tracker_jobs_total", counter, "Jobs done.", "tracker", "jobs", NUMBER, NULL, NULL},
	{"tracker_commits_total", counter, "Transactions committed.", "tracker", "commits", NUMBER, NULL, NULL},
	{"tracker_failed_commits_total", counter, "Transactions that failed; their polls are repeated.", "tracker",
	 "failed_commits", NUMBER, NULL, NULL},
	{"history_altered", gauge, "Whether the start found another history than was signed.", "tracker", "altered_at",
	 IS_THERE, NULL, NULL},

	{"events_total", counter, "Events recorded in this database, by kind.", "database", "events_by_kind", EACH,
	 "event", NULL},
	{"last_event_seq", gauge, "The number of the last event.", "database", "events", NUMBER, NULL, NULL},
	{"database_bytes", gauge, "Size of the database file.", "database", "bytes", NUMBER, NULL, NULL},
	{"database_wal_bytes", gauge, "Size of the write-ahead log beside it.", "database", "wal_bytes", NUMBER, NULL,
	 NULL},
	{"findings", gauge, "Open findings, by severity.", NULL, "findings", EACH, "severity", NULL},
	{"notifications", gauge, "Notifications in the outbox, by state.", NULL, "outbox", EACH, "state", NULL},

	{"reasons_state", gauge, "The state of the registry's web API: 1 for what it is.", "reasons", "state", STATE,
	 "state", "starting none ok failing paused"},
	{"reasons_requests_total", counter, "Requests to the registry's web API, of all registries that ask it.",
	 "reasons", "requests", NUMBER, NULL, NULL},
	{"reasons_failures_total", counter, "Those that failed.", "reasons", "failures", NUMBER, NULL, NULL},

	{"notifier_state", gauge, "The state of the notifier: 1 for what it is.", "notifiers", "state", STATE, "state",
	 "starting idle busy pausing disabled"},
	{"notifier_delivered_total", counter, "Notifications that were delivered.", "notifiers", "delivered", NUMBER,
	 NULL, NULL},
	{"notifier_retried_total", counter, "Attempts that failed and are repeated.", "notifiers", "retried", NUMBER,
	 NULL, NULL},
	{"notifier_rejected_total", counter, "Notifications that the receiver refused.", "notifiers", "rejected",
	 NUMBER, NULL, NULL},
	{"notifier_restarts_total", counter, "Restarts of its process.", "notifiers", "restarts", NUMBER, NULL, NULL},
	{"notifier_waiting_notifications", gauge, "Notifications that are still to be delivered.", "notifiers",
	 "waiting", NUMBER, NULL, NULL},
	{"notifier_dead_letters", gauge, "Notifications that were rejected or given up.", "notifiers", "dead", NUMBER,
	 NULL, NULL},
	{"notifier_due_since_timestamp_seconds", gauge, "Since when the oldest notification is due.", "notifiers",
	 "due_since", TIME, NULL, NULL},
	{"notifier_paused", gauge, "Whether nothing is sent, since its receiver failed or asked for a pause.",
	 "notifiers", "paused_until", IS_THERE, NULL, NULL},

	{"log_dropped_lines_total", counter, "Lines that found the log's ring full.", "log", "dropped", NUMBER, NULL,
	 NULL},
};

/* Parts that are arrays of the status, or an object in each of its items, and what the items are called by: a member,
 * and the label. */
static const struct list {
	const char *part, *array, *inner, *name;
} lists[] = {{"registries", "registries", NULL, "registry"},
	     {"reasons", "registries", "reasons", "registry"},
	     {"notifiers", "notifiers", NULL, "notifier"}};

/* What tells the samples of one metric apart. */
struct label {
	const char *name, *value; /* NULL = no such label */
};

static void put_escaped(struct strbuf *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\\' || *text == '"' || *text == '\n')
			strbuf_addc(out, '\\');
		const char *one = *text == '\n' ? "n" : text;
		strbuf_addc(out, *one);
	}
}

static void put_name(struct strbuf *out, const struct metric *metric, const struct label labels[static 2])
{
	char before = '{';

	strbuf_addf(out, PREFIX "%s", metric->name);
	for (size_t i = 0; i < 2; i++) {
		if (!labels[i].name)
			continue;
		strbuf_addf(out, "%c%s=\"", before, labels[i].name);
		put_escaped(out, labels[i].value);
		strbuf_addc(out, '"');
		before = ',';
	}
	strbuf_adds(out, before == ',' ? "} " : " ");
}

static void put_number(struct strbuf *out, const struct metric *metric, struct label item, struct label own,
		       int64_t value)
{
	put_name(out, metric, (const struct label[2]){item, own});
	strbuf_addf(out, "%" PRId64 "\n", value);
}

/* `value` parts of a second, of which one has `parts`. */
static void put_seconds(struct strbuf *out, const struct metric *metric, struct label item, int64_t value,
			int64_t parts)
{
	put_name(out, metric, (const struct label[2]){item, {0}});
	strbuf_addf(out, "%" PRId64 ".%0*" PRId64 "\n", value / parts, parts == 1000 ? 3 : 6, value % parts);
}

static void put_words(struct strbuf *out, const struct metric *metric, struct label item, const char *state)
{
	for (const char *word = metric->words; *word;) {
		char text[32];
		size_t len = strcspn(word, " ");
		(void)snprintf(text, sizeof text, "%.*s", (int)len, word);
		put_number(out, metric, item, (struct label){metric->label, text}, strcmp(text, state) == 0);
		word += len + (word[len] == ' ');
	}
}

static void put_each(struct strbuf *out, const struct metric *metric, struct label item, const cJSON *members)
{
	const cJSON *member;

	cJSON_ArrayForEach (member, members)
		put_number(out, metric, item, (struct label){metric->label, member->string},
			   json_int(members, member->string, 0));
}

static void put_time(struct strbuf *out, const struct metric *metric, struct label item, const char *text)
{
	int64_t wall_ms;

	if (text && time_parse_rfc3339(text, &wall_ms))
		put_seconds(out, metric, item, wall_ms, 1000);
}

/* The samples of one object; none when it lacks the member. */
static void put_samples(struct strbuf *out, const struct metric *metric, const cJSON *object, struct label item)
{
	static const struct label none;
	const cJSON *member = json_member(object, metric->key);
	const char *text = cJSON_GetStringValue(member);
	int64_t number = json_int(object, metric->key, 0);

	switch (metric->value) {
	case IS_THERE:
	case IS_ABSENT:
		put_number(out, metric, item, none, (member != NULL) == (metric->value == IS_THERE));
		return;
	case TRUTH:
		put_number(out, metric, item, none, json_bool(object, metric->key, false));
		return;
	case NUMBER:
		if (member)
			put_number(out, metric, item, none, number);
		return;
	case MILLISECONDS:
	case MICROSECONDS:
		if (member)
			put_seconds(out, metric, item, number, metric->value == MILLISECONDS ? 1000 : 1000000);
		return;
	case TIME:
		put_time(out, metric, item, text);
		return;
	case TEXT:
		if (text)
			put_number(out, metric, item, (struct label){metric->label, text}, 1);
		return;
	case STATE:
		if (text)
			put_words(out, metric, item, text);
		return;
	case EACH:
		put_each(out, metric, item, member);
		return;
	}
}

/* NULL: the part is one object. */
static const struct list *list_of(const struct metric *metric)
{
	for (size_t i = 0; metric->part && i < ARRAY_LEN(lists); i++)
		if (strcmp(lists[i].part, metric->part) == 0)
			return &lists[i];
	return NULL;
}

static void put_metric(struct strbuf *out, const struct metric *metric, const cJSON *status)
{
	const struct list *list = list_of(metric);
	const cJSON *item;

	strbuf_addf(out, "# HELP " PREFIX "%s %s\n# TYPE " PREFIX "%s %s\n", metric->name, metric->help, metric->name,
		    metric->type);
	if (!list) {
		put_samples(out, metric, metric->part ? json_member(status, metric->part) : status, (struct label){0});
		return;
	}
	cJSON_ArrayForEach (item, json_member(status, list->array)) {
		const char *name = json_string(item, list->name);
		const cJSON *object = list->inner ? json_member(item, list->inner) : item;
		if (object)
			put_samples(out, metric, object, (struct label){list->name, name ? name : ""});
	}
}

void metrics_write(const cJSON *status, int64_t now_ms, struct strbuf *out)
{
	static const struct metric now = {
		.name = "time_seconds", .type = gauge, .help = "When these figures were taken, by the daemon's clock."};

	put_metric(out, &now, NULL);
	put_seconds(out, &now, (struct label){0}, now_ms, 1000);
	for (size_t i = 0; i < ARRAY_LEN(metrics); i++)
		put_metric(out, &metrics[i], status);
}
