/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.h: one configuration, read whole and checked whole, then never
 * changed: loop and tracker share it by reference count.
 *
 * Everything that touches a disk happens in config_load(): certificates are read
 * and parsed here, so that the loop never has to.
 */
#pragma once

#include "base/err.h"
#include "base/log.h"
#include "config/names.h"
#include "config/trust.h"
#include "model/belief.h"
#include "model/lock_sources.h"
#include "model/route.h"

#include <sys/types.h>

#define CONFIG_FILE_MAX (1u << 20) /* bytes of YAML */
#define CONFIG_ERRORS_MAX 100      /* faults reported of one file */
#define CONFIG_CA_MAX (4u << 20)   /* bytes of a CA file */
#define REGISTRY_TOKEN_MAX 4096    /* bytes */
#define CONFIG_DEFAULT_PATH "/etc/yankwatch/yankwatch.yaml"

#define REASON_RECHECKS_MAX 16

/* Where the reasons of yanks come from. */
struct config_reasons {
	bool from_api;       /* else nothing is asked; what an index line says is taken all the same */
	const char *api_url; /* without a slash at its end; NULL: `api` of config.json */
	int64_t requests_per_second;
	int64_t wait_ms;                         /* an alert of a yank waits so long for its reason */
	int64_t recheck_ms[REASON_RECHECKS_MAX]; /* pauses between two looks at a yank, in their order */
	size_t n_rechecks;
	struct x509_store_st *trust;  /* for an API of another host than the index; NULL: none is known */
	char trust_id[TRUST_ID_SIZE]; /* which they are */
};

struct config_registry {
	const char *name;
	const char *index_url; /* without "sparse+", ends in '/' */
	const char *contact;   /* NULL when not given */
	int64_t poll_interval_ms;
	int64_t requests_per_second;
	const char *token; /* sent to this index alone, never logged; NULL = none */
	struct belief_confirm confirm;
	struct config_reasons reasons;
	int64_t blind_after_ms;       /* nothing can be polled for so long: that is told */
	struct x509_store_st *trust;  /* the certificates to trust; NULL for a plain http index */
	char trust_id[TRUST_ID_SIZE]; /* which they are */
};

struct config_watch { /* there may be hundreds of thousands: small */
	const char *crate;
	unsigned line;     /* where the configuration lists it */
	uint16_t registry; /* index into registries */
	bool bulk;         /* only in a crates_file: nobody has named it */
};

/* What the runner is started with. */
struct config_notifier {
	const char *name;
	const char *plugin_path;  /* the .so, absolute */
	const char *options_json; /* the object of frames.h "open" */
	const char *files_stamp;  /* changes with the files that the options name */
	const char *hidden_json;  /* the array of frames.h "hidden": state_dir and every secret; one text for all */
	int64_t timeout_ms;
	int64_t messages_per_minute; /* how fast a backlog drains */
	int64_t first_pause_ms;      /* after a failure; grows */
};

/* Lockfiles of one project; read by config/lockfiles.h. */
struct config_project { /* as many as the section has entries, in its order */
	const char *name;
	const char *team;     /* "" = none */
	const char *lockfile; /* an absolute path; may be a glob(7) pattern */
	unsigned line;        /* where the configuration lists it */
};

struct config_retry {
	int64_t first_ms, max_ms, give_up_ms;
	const char *fallback; /* the notifier that is told what another could not deliver; NULL = none */
};

/* "Still watching", so that silence is told from failure. */
struct config_heartbeat {
	const char *notifier; /* NULL = none */
	int64_t every_ms;
};

/* Every fault of a file, each as "FILE:LINE: KEY: what is wrong, what is allowed". */
struct config_errors {
	char **lines;
	size_t count;
	bool more; /* CONFIG_ERRORS_MAX was reached */
};

struct config {
	const char *state_dir;
	const char *socket_path;
	mode_t socket_mode;
	gid_t socket_group; /* (gid_t)-1: leave as it is */
	gid_t admin_group;  /* (gid_t)-1: none */
	enum log_target log_target;
	enum log_level log_level;
	struct config_registry *registries;
	size_t n_registries;
	struct config_watch *watches; /* sorted by registry, then crate; no doubles */
	size_t n_watches;
	struct config_notifier *notifiers;
	size_t n_notifiers;
	struct route *routes; /* their notifier bits index `notifiers` */
	size_t n_routes;
	unsigned *route_lines; /* where each of them stands in the file */
	struct config_retry retry;
	struct config_heartbeat heartbeat;
	struct config_project *projects;
	size_t n_projects;
	struct lock_sources sources;  /* of lockfiles: the registries' own, then what they mirror */
	int64_t keep_published_ms;    /* retention.published: how long `published` events are kept; 0 = for ever */
	int64_t keep_attempts_ms;     /* retention.attempts: the same of attempts and documents of what was delivered */
	int64_t remind_ms;            /* findings that stay open are told again so often; 0 = never */
	struct config_errors remarks; /* no faults, but hardly meant: for the log and --check-config */
};

/* Where the daemon finds its siblings: the build tree's or the installed ones. */
struct config_paths {
	char *notify_program; /* yankwatch-notify */
	char *plugin_dir;     /* NAME.so for `plugin: NAME` */
};

/* The names of its registries and notifiers: to find one, and to advise who missed one. */
struct names registries_names(const struct config *config);
struct names notifiers_names(const struct config *config);

void config_errors_release(struct config_errors *errors);

/*
 * Finds the siblings from the running program's own place: BUILD/bin/yankwatchd
 * has BUILD/bin/yankwatch-notify and BUILD/plugins beside it; an installed one
 * has the paths that were given to cmake. The caller releases *ret.
 */
MUST_CHECK int config_paths_find(struct config_paths *ret, struct err *err);
void config_paths_release(struct config_paths *paths);

/*
 * Reads and checks `path`. On success *ret has one reference. On failure nothing
 * is returned, `errors` lists all faults (the caller releases it), and the result
 * is ERR_BAD, or ERR_IO, ERR_LIMIT or ERR_NOMEM with one line. Asks each plugin
 * for its options by running notify_program --describe, then opens each notifier
 * once (config/trial.h). Blocks: for the files thread and for --check-config.
 */
MUST_CHECK int config_load(const char *path, const struct config_paths *paths, const struct config **ret,
			   struct config_errors *errors);

const struct config *config_ref(const struct config *config);
void config_unref(const struct config *config); /* the last one frees; NULL is allowed */
