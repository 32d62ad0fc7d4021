/* SPDX-License-Identifier: Apache-2.0 */
/*
 * notifier.h: what a yankwatch plugin is. This file alone is the contract; a
 * plugin includes nothing else of ours.
 *
 * A plugin is a shared object that exports one constant, `yankwatch_notifier`.
 * yankwatch-notify, a process of its own for each configured notifier, loads
 * it, calls open() once, deliver() for each notification, one at a time, and
 * close() at the end. So a plugin may block, and when it crashes or does not
 * return before the deadline only its own process ends: the daemon kills it,
 * starts it again after a growing pause and repeats the notification under the
 * same id.
 *
 * Compatibility: fields are only ever appended to a struct that begins with its
 * size; test `size` before you read a field that is younger than ABI 1. The two
 * without one, yw_option and yw_value, stand in arrays and never change.
 *
 * Strings are UTF-8, NUL-terminated, and live as long as the call that passes
 * them (options: until close() returns). Texts of registries (crate names,
 * versions, reasons) are an attacker's: escape them for where you send them.
 *
 * The process ignores SIGPIPE. Descriptor 3 is the host's, 0 to 2 are /dev/null.
 * It may do what the plugin declares and little else, from before the plugin is
 * loaded: `needs`, options of the type path, YW_OPTION_WRITE (docs/PLUGINS.md).
 */
#ifndef YANKWATCH_NOTIFIER_H
#define YANKWATCH_NOTIFIER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define YANKWATCH_NOTIFIER_ABI 1u

/* ---- Options: what the configuration may say under this notifier ---- */

enum yw_option_type {
	YW_OPTION_STRING = 1,
	YW_OPTION_INTEGER = 2,
	YW_OPTION_BOOLEAN = 3,
	YW_OPTION_LIST = 4, /* a list of strings */
	YW_OPTION_URL = 5,  /* http:// or https:// with a host */
	YW_OPTION_PATH = 6, /* an absolute path */
};

enum yw_option_flags {
	YW_OPTION_REQUIRED = 1u << 0,
	/* Never inline: the configuration says NAME_file (a path, or
	 * credential:NAME), and the plugin receives the file's content as NAME,
	 * without its last line end. */
	YW_OPTION_SECRET = 1u << 1,
	/* May be inline or in a file: NAME or NAME_file. */
	YW_OPTION_OR_FILE = 1u << 2,
	/* Of a path: names a program. That it is there and may be run is looked at
	 * with the configuration, not at the first alert. */
	YW_OPTION_PROGRAM = 1u << 3,
	/* Of a path: the plugin writes that file, or makes it in its folder, which is
	 * there. Without the flag it can read what the path names. */
	YW_OPTION_WRITE = 1u << 4,
};

struct yw_option {
	const char *name; /* lower case, digits, underscores */
	enum yw_option_type type;
	uint32_t flags;            /* enum yw_option_flags */
	const char *default_value; /* as text: "30", "true"; NULL = none; a list or secret has none */
	const char *help;          /* one line */
};

/* A value as configured, or the option's default. */
struct yw_value {
	const char *name;
	const char *text;         /* string, URL, path, secret; NULL for other types */
	int64_t integer;          /* integer; boolean: 0 or 1 */
	const char *const *items; /* list: n_items strings */
	size_t n_items;
};

struct yw_options {
	size_t size;
	const struct yw_value *values; /* those that are set or have a default */
	size_t n_values;
	const char *notifier; /* its name in the configuration */
};

/*
 * ---- What the host offers from open() until close() has returned ----
 * For the thread that the plugin is called on, not for threads of its own.
 */

enum yw_log_level { YW_LOG_ERROR = 0, YW_LOG_WARNING = 1, YW_LOG_INFO = 2, YW_LOG_DEBUG = 3 };

struct yw_host {
	size_t size;
	/* A line for the daemon's log, under the notifier's name. Never secrets. */
	void (*log)(const struct yw_host *host, enum yw_log_level level, const char *line);
	/* In deliver(): milliseconds until the process is killed, 0 when none are
	 * left. Elsewhere 0. */
	int64_t (*deadline_left_ms)(const struct yw_host *host);
};

/* ---- A notification and its result ---- */

/*
 * One thing worth knowing, in plain words and one line: {"run", "cargo update -p …"}.
 * Control, bidi and invisible characters of what others wrote are made visible, and
 * its length is bounded; it is still an attacker's text where you send it. Stands in
 * arrays and never changes. Labels, in this order; each is there only if it says
 * something, "projects" more than once:
 *   of an event      severity, when, "seen at", since, detail, why, "why before", changed,
 *                    "old checksum", "new checksum", versions, projects, instead (what to
 *                    take in its place), run (a command for the project's folder), look
 *                    (a command that shows more), "taken back" (when a later event undid
 *                    this one)
 *   of a message     events (how many); of a heartbeat: watching, events, "cannot be
 *                    polled", look; of a test: test; of undelivered events: undelivered,
 *                    "last answer", look; of a reminder: reminder, events, look
 * More may come.
 */
struct yw_fact {
	const char *label;
	const char *value;
};

/* One event's fields, for plugins that do not parse JSON. Absent ones are NULL. */
struct yw_event {
	size_t size;
	const char *id;
	uint64_t seq;
	const char *at; /* RFC 3339, UTC */
	const char *registry;
	const char *crate;   /* NULL for events of the registry as a whole */
	const char *version; /* NULL for these, and for events of the crate as a whole */
	const char *event;   /* "yanked", "crate_deleted", "registry_incident", … */
	const char *severity;
	const char *checksum;
	const char *document; /* this event alone, JSON */
	/* Younger than the first release of ABI 1: test `size`. */
	const char *headline; /* "demo-crate 1.2.3 was yanked from crates-io" */
	const struct yw_fact *facts;
	size_t n_facts;
	const char
		*ended_at; /* RFC 3339: when a later event took this one back (a yank: its un-yank); NULL: it stands */
	const char *project; /* of an event that is of one project (finding_opened, …): its name; else NULL */
	const char *team;    /* and its team; NULL: it has none */
};

enum yw_message_kind {
	YW_MESSAGE_EVENTS = 0,
	YW_MESSAGE_HEARTBEAT = 1,   /* "still watching": no events, but facts */
	YW_MESSAGE_TEST = 2,        /* somebody tries the notifier: no events, but facts */
	YW_MESSAGE_UNDELIVERED = 3, /* to the fallback: events that another notifier could not deliver */
	YW_MESSAGE_REMINDER = 4,    /* events that were told before: what they found is still open */
				    /* More may come; those with events are told like events. */
};

struct yw_message {
	size_t size;
	const char *id;       /* letters, digits, '_', '-'; the same at every attempt: receivers tell repeats by it */
	uint32_t attempt;     /* 1, 2, … */
	const char *subject;  /* one line: "[high] demo-crate 1.2.3 yanked" */
	const char *document; /* JSON: {"events":[…],"head":{…}}, the same bytes at every attempt */
	size_t document_len;
	const struct yw_event *const *events; /* pointers, since a yw_event may grow */
	size_t n_events;
	/* Younger than the first release of ABI 1: test `size`. */
	enum yw_message_kind kind;
	const char *severity; /* the highest of its events: "critical" … "info" */
	const char *text; /* all of it in plain words, lines ended by '\n': for a plugin without a layout of its own */
	const struct yw_fact *facts; /* of the message as a whole */
	size_t n_facts;
	const char *created_at; /* RFC 3339: when the notification was made */
	const char
		*follows; /* id of the notification that told what this one takes back (a yank: its un-yank), or NULL */
	const char *state; /* what the last attempt left in its result; "" at the first */
};

enum yw_outcome {
	YW_OK = 0,     /* the receiver has it: the notification leaves the outbox */
	YW_RETRY = 1,  /* not now: again after a pause */
	YW_REJECT = 2, /* never: the receiver refuses this notification for good */
	/* The receiver wants nothing more at all (HTTP 410): the notifier is out of service
	 * until somebody enables it; its notifications wait, and then go to the fallback. */
	YW_DISABLE = 3,
};

#define YW_RESULT_TEXT_MAX 1024
#define YW_RESULT_STATE_MAX 4096

struct yw_result {
	size_t size;
	enum yw_outcome outcome;       /* preset to YW_RETRY */
	int64_t retry_after_ms;        /* with RETRY: the pause the receiver asked for; 0 = the daemon's own */
	char text[YW_RESULT_TEXT_MAX]; /* for the delivery log: "HTTP 503", "exit status 1: …" */
	/* Younger than the first release of ABI 1: test `size`. */
	int64_t again_after_ms; /* with OK: deliver the same once more then, for receivers that forget; 0 = done */
	char state[YW_RESULT_STATE_MAX]; /* UTF-8 text that the next attempt of this notification gets: recipients still
					    to do */
};

#define YW_ERROR_TEXT_MAX 512

/* What a plugin does besides computing; what it does not declare is denied to it, as far as
 * the kernel can. An error of such a call is EPERM or EACCES. */
enum yw_needs {
	YW_NEEDS_NETWORK = 1u << 0,       /* sockets of IPv4 and IPv6, and resolving names */
	YW_NEEDS_LOCAL_SOCKETS = 1u << 1, /* sockets of the UNIX family: syslog */
	YW_NEEDS_PROGRAMS = 1u << 2,      /* fork and exec; what still runs when deliver() returns is killed */
};

struct yw_notifier {
	uint32_t abi_version; /* YANKWATCH_NOTIFIER_ABI; stays the first field for ever */
	uint32_t size;        /* sizeof(struct yw_notifier) */
	const char *name;     /* "webhook" */
	const char *version;
	const char *summary; /* one line */
	const struct yw_option *options;
	size_t n_options;
	/* Returns the instance, or NULL with a sentence in error[YW_ERROR_TEXT_MAX]. Also called to check a
	 * configuration, where nothing is delivered: it judges the options and has no effect outside. */
	void *(*open)(const struct yw_options *options, const struct yw_host *host, char *error);
	void (*deliver)(void *self, const struct yw_message *message, struct yw_result *result);
	void (*close)(void *self);
	/* Younger than the first release of ABI 1: where `size` ends before it, it is 0. */
	uint32_t needs; /* enum yw_needs; `size` counts 4 bytes of padding behind it: the next field has 8 */
};

/* Every plugin defines this. */
extern const struct yw_notifier yankwatch_notifier __attribute__((visibility("default")));

#ifdef __cplusplus
}
#endif
#endif
