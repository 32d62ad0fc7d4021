/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load.c: from a file to a configuration: parse it, check it against the rows
 * below, let each section read its part, and hand out the result only when
 * nothing at all was wrong. Called at the start, at a reload and by
 * --check-config.
 */
#include "config/build.h"
#include "config/cargo_config.h"
#include "config/file.h"
#include "config/trust.h"
#include "config/value.h"
#include "config/yaml_tree.h"

#include "base/numbers.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>

#define ROUTES_MAX 256
#define PROJECTS_MAX 5000
#define REMIND_MIN_MS HOURS(1)
#define REMIND_MAX_MS DAYS(365)

/* A configuration with its memory; the count is the one thing that changes. */
struct loaded {
	struct config config;
	struct pool pool;
	atomic_uint refs;
};

/* What the file says; borrowed from the tree. */
struct file_keys {
	const char *state_dir;
	const char *socket_path;
	int64_t socket_mode, socket_group, admin_group;
	int64_t log_target, log_level;
	int64_t first_ms, max_ms, give_up_ms, every_ms;
	const char *fallback, *heartbeat;
	int64_t keep_published_ms, keep_attempts_ms;
	int64_t remind_ms;
	const char *from_cargo_config;
	const struct node *registries, *notifiers, *watch, *projects, *routes;
};

static const char *check_socket_path(const char *path)
{
	return strlen(path) < sizeof((struct sockaddr_un *)0)->sun_path
		       ? NULL
		       : "is too long for a socket, allowed: at most 107 bytes";
}

static const char *target_at(const void *set, size_t i)
{
	static const char *const words[] = {
		[LOG_TARGET_AUTO] = "auto",
		[LOG_TARGET_STDERR] = "stderr",
		[LOG_TARGET_SYSLOG] = "syslog",
		[LOG_TARGET_JOURNAL] = "journal",
	};
	(void)set;
	return i < ARRAY_LEN(words) ? words[i] : NULL;
}

static const char *level_at(const void *set, size_t i)
{
	static const char *const words[] = {
		[LOG_LEVEL_ERROR] = "error",
		[LOG_LEVEL_WARNING] = "warning",
		[LOG_LEVEL_INFO] = "info",
		[LOG_LEVEL_DEBUG] = "debug",
	};
	(void)set;
	return i < ARRAY_LEN(words) ? words[i] : NULL;
}

#define FIELD(member) SCHEMA_FIELD(struct file_keys, member)
static const struct schema_row socket_rows[] = {
	{"path", SCHEMA_PATH, FIELD(socket_path), .absent = "/run/yankwatch/yankwatch.sock", .check = check_socket_path,
	 .help = "the UNIX socket that the client and programs speak to; at most 107 bytes"},
	{"mode", SCHEMA_MODE, FIELD(socket_mode), .min = 0600, .max = 0777, .absent = "0660",
	 .help = "its permissions: who may read"},
	{"group", SCHEMA_GROUP, FIELD(socket_group),
	 .help = "the group that the socket is given to; the daemon's own if not given"},
	{"admin_group", SCHEMA_GROUP, FIELD(admin_group),
	 .help = "its members may change things, besides root and the daemon's user; nobody else if not given"},
};
static const struct schema socket_schema = SCHEMA_OF(socket_rows);

static const struct schema_row log_rows[] = {
	{"target", SCHEMA_WORD, FIELD(log_target), .words = target_at, .absent = "auto",
	 .help = "where log lines go; auto: on a terminal to stderr, else to the journal or syslog"},
	{"level", SCHEMA_WORD, FIELD(log_level), .words = level_at, .absent = "info", .help = "from which level on"},
};
static const struct schema log_schema = SCHEMA_OF(log_rows);

static const struct schema_row retry_rows[] = {
	{"first", SCHEMA_DURATION, FIELD(first_ms), .min = 100, .max = HOURS(1), .absent = "5s",
	 .help = "the pause after the first delivery that failed"},
	{"max", SCHEMA_DURATION, FIELD(max_ms), .min = 100, .max = DAYS(7), .absent = "1h",
	 .help = "the longest pause, at least first"},
	{"give_up", SCHEMA_DURATION, FIELD(give_up_ms), .min = 100, .max = DAYS(365), .absent = "72h",
	 .help = "then a notification is a dead letter; at least max"},
	{"fallback", SCHEMA_TEXT, FIELD(fallback),
	 .help = "a notifier that is told what another one could not deliver"},
};
static const struct schema retry_schema = SCHEMA_OF(retry_rows);

static const struct schema_row heartbeat_rows[] = {
	{"notify", SCHEMA_TEXT, FIELD(heartbeat),
	 .help = "the notifier that is told \"still watching\", so that silence is told from failure"},
	{"every", SCHEMA_DURATION, FIELD(every_ms), .min = HOURS(1), .max = DAYS(90), .help = "how often"},
};
static const struct schema heartbeat_schema = SCHEMA_OF(heartbeat_rows);

static const struct schema_row retention_rows[] = {
	{"attempts", SCHEMA_DURATION, FIELD(keep_attempts_ms), .min = DAYS(1), .max = DAYS(3650),
	 .help = "of notifications that were delivered longer ago, what was sent and every attempt go"},
	{"published", SCHEMA_DURATION, FIELD(keep_published_ms), .min = DAYS(1), .max = DAYS(3650),
	 .help = "published events that are older go, with what is needed to prove the rest; all other events stay"},
};
static const struct schema retention_schema = SCHEMA_OF(retention_rows);

static const struct schema_row rows[] = {
	{"state_dir", SCHEMA_PATH, FIELD(state_dir), .absent = "/var/lib/yankwatch",
	 .help = "the folder of the database and its keys"},
	{"socket", SCHEMA_SECTION, .section = &socket_schema, .help = "the socket and who may use it"},
	{"log", SCHEMA_SECTION, .section = &log_schema, .help = "the log"},
	{"registries", SCHEMA_NAMED, FIELD(registries), .min = 1, .max = REGISTRIES_MAX, .check = check_name,
	 .entry = &registry_schema, .help = "the registries, each under a name of yours"},
	{"from_cargo_config", SCHEMA_PATH, FIELD(from_cargo_config),
	 .help = "cargo's config.toml: its registries, its mirrors and, from a credentials.toml beside it, their "
		 "tokens, for names that are not in registries"},
	{"watch", SCHEMA_LIST, FIELD(watch), .item = SCHEMA_MAPPING, .entry = &watch_schema,
	 .help = "which crates are watched, besides those of projects and of the socket"},
	{"projects", SCHEMA_LIST, FIELD(projects), .item = SCHEMA_MAPPING, .max = PROJECTS_MAX,
	 .entry = &project_schema, .help = "whose dependencies are watched, by their lockfiles"},
	{"remind", SCHEMA_DURATION, FIELD(remind_ms), .max = REMIND_MAX_MS,
	 .help = "a finding that stays open is told again so often; at least 1h, or 0s for never, as if not given"},
	{"notifiers", SCHEMA_NAMED, FIELD(notifiers), .max = ROUTE_NOTIFIERS_MAX, .check = check_name,
	 .entry = &notifier_schema,
	 .help = "whom to tell and how, each under a name of yours; a plugin's own options stand beside these keys"},
	{"routes", SCHEMA_LIST, FIELD(routes), .item = SCHEMA_MAPPING, .max = ROUTES_MAX, .entry = &route_schema,
	 .help = "which events go to which notifiers; all that match count, in their order, up to one that says stop"},
	{"retry", SCHEMA_SECTION, .section = &retry_schema, .help = "what becomes of deliveries that fail"},
	{"heartbeat", SCHEMA_SECTION, .section = &heartbeat_schema, .help = "a sign of life; both keys or none"},
	{"retention", SCHEMA_SECTION, .section = &retention_schema, .help = "how long what is not evidence is kept"},
};
const struct schema config_schema = SCHEMA_OF(rows);

/* first <= max <= give_up, as far as they could be read. */
static void check_retry(const struct node *retry, const struct file_keys *keys, struct faults *faults)
{
	char shorter[DURATION_TEXT_MAX];
	char longer[DURATION_TEXT_MAX];

	if (keys->max_ms && keys->first_ms > keys->max_ms)
		fault_add(faults, place_key(retry, "max"), "%s is too short, allowed: at least %s (first)",
			  duration_format(keys->max_ms, shorter), duration_format(keys->first_ms, longer));
	if (keys->give_up_ms && keys->max_ms > keys->give_up_ms)
		fault_add(faults, place_key(retry, "give_up"), "%s is too short, allowed: at least %s (max)",
			  duration_format(keys->give_up_ms, shorter), duration_format(keys->max_ms, longer));
}

/* 0s is no short interval, but none. */
static void check_remind(const struct node *root, const struct file_keys *keys, struct faults *faults)
{
	if (keys->remind_ms > 0 && keys->remind_ms < REMIND_MIN_MS)
		fault_add(faults, place_value(node_get(root, "remind")),
			  "is too short, allowed: 1h to 365d, or 0s for never");
}

/* The notifier of that name, as the configuration spells it; tells an unknown one. */
static const char *find_notifier(const struct build *build, const struct node *section, const char *key)
{
	struct names names = notifiers_names(build->config);
	const struct node *node = node_get(section, key);
	size_t i;

	if (!node || !node->text)
		return NULL;
	if (names_find(&names, node->text, &i))
		return build->config->notifiers[i].name;
	fault_add_unknown(build->faults, node, "one of the notifiers", &names);
	return NULL;
}

/* Both keys or neither: a heartbeat to nobody, or never. */
static void check_heartbeat(const struct node *heartbeat, struct faults *faults)
{
	static const char *const keys[] = {"notify", "every"};

	for (size_t i = 0; heartbeat && heartbeat->kind == NODE_MAPPING && i < ARRAY_LEN(keys); i++)
		if (!node_get(heartbeat, keys[i]))
			fault_add(faults, place_key(heartbeat, keys[i]), "is missing, it is required");
}

/* What goes to notifiers without a route. */
static void read_alerts(const struct build *build, const struct node *root, const struct file_keys *keys)
{
	struct config *config = build->config;
	const struct node *heartbeat = node_get(root, "heartbeat");

	config->retry = (struct config_retry){keys->first_ms, keys->max_ms, keys->give_up_ms,
					      find_notifier(build, node_get(root, "retry"), "fallback")};
	for (size_t i = 0; i < config->n_notifiers; i++)
		config->notifiers[i].first_pause_ms = keys->first_ms;
	check_heartbeat(heartbeat, build->faults);
	config->heartbeat = (struct config_heartbeat){find_notifier(build, heartbeat, "notify"), keys->every_ms};
}

static void fill(const struct build *build, const struct file_keys *keys)
{
	struct config *config = build->config;

	if (keys->state_dir)
		config->state_dir = pool_strdup(build->pool, keys->state_dir);
	if (keys->socket_path)
		config->socket_path = pool_strdup(build->pool, keys->socket_path);
	config->socket_mode = (mode_t)keys->socket_mode;
	config->socket_group = (gid_t)keys->socket_group;
	config->admin_group = (gid_t)keys->admin_group;
	config->log_target = (enum log_target)keys->log_target;
	config->log_level = (enum log_level)keys->log_level;
	config->keep_published_ms = keys->keep_published_ms;
	config->keep_attempts_ms = keys->keep_attempts_ms;
	config->remind_ms = keys->remind_ms;
}

/* What the sections have gathered. The socket is no file that can be opened. */
static void fill_hidden(const struct build *build)
{
	struct config *config = build->config;

	if (config->state_dir)
		json_put_string(build->hidden, NULL, config->state_dir);
	json_close(build->hidden, ']');
	build->pool->failed |= strbuf_failed(build->hidden->out);
	const char *json = pool_strdup(build->pool, strbuf_str(build->hidden->out));
	for (size_t i = 0; i < config->n_notifiers; i++)
		config->notifiers[i].hidden_json = json;
}

/* Those of the section `registries`, and after them cargo's. */
static void read_registries(const struct build *build, const struct node *root, const struct file_keys *keys)
{
	OWNED(cargo_config_release) struct cargo_config cargo = {.own = keys->registries};
	const struct node *named = keys->registries;

	size_t faults = build->faults->errors->count;
	if (keys->from_cargo_config)
		named = cargo_config_read(build, node_get(root, "from_cargo_config"), &cargo);
	bool is_empty = !node_get(root, "registries") && (!named || named->count == 0);
	if (is_empty && build->faults->errors->count == faults)
		fault_add(build->faults, place_key(root, "registries"), "is missing, it is required");
	registries_read(build, named);
	sources_read(build, named);
	cargo_config_tokens(build, &cargo);
}

static void read_root(const struct build *build, const struct node *root)
{
	struct file_keys keys = {.socket_group = -1, .admin_group = -1};

	if (root->kind != NODE_MAPPING && !node_is_empty(root)) {
		fault_add(build->faults, place_node(root), "is a %s, allowed: a mapping", node_kind_name(root->kind));
		return;
	}
	schema_read(&config_schema, root, &keys, build->faults);
	check_retry(node_get(root, "retry"), &keys, build->faults);
	check_remind(root, &keys, build->faults);
	fill(build, &keys);
	json_open(build->hidden, NULL, '[');
	read_registries(build, root, &keys);
	notifiers_read(build, keys.notifiers);
	watches_read(build, keys.watch);
	projects_read(build, keys.projects);
	size_t faults = build->faults->errors->count;
	routes_read(build, keys.routes);
	read_alerts(build, root, &keys);
	/* A name that is misspelt would be told twice. */
	if (build->faults->errors->count == faults)
		notifiers_check_use(build, keys.notifiers);
	fill_hidden(build);
	notifiers_try(build, keys.notifiers);
}

static int read_file(const struct build *build, const char *path)
{
	struct file_bytes bytes;
	struct err err;

	int rc = file_read(path, S_IWOTH, CONFIG_FILE_MAX, build->scratch, &bytes, &err);
	if (rc) {
		fault_add(build->faults, place_file(), "%s", err.text);
		return rc;
	}
	const struct node *root = yaml_tree_parse(bytes.text, bytes.len, build->scratch, build->faults);
	if (root)
		read_root(build, root);
	if (build->pool->failed || build->scratch->failed || build->faults->nomem || build->remarks->nomem)
		return ERR_NOMEM;
	return faults_any(build->faults) ? ERR_BAD : 0;
}

void config_errors_release(struct config_errors *errors)
{
	for (size_t i = 0; i < errors->count; i++)
		free(errors->lines[i]);
	free(errors->lines);
	*errors = (struct config_errors){0};
}

static void loaded_free(struct loaded *loaded)
{
	const struct config *config = &loaded->config;

	for (size_t i = 0; i < config->n_registries; i++) {
		trust_free(config->registries[i].trust);
		trust_free(config->registries[i].reasons.trust);
	}
	config_errors_release(&loaded->config.remarks);
	pool_release(&loaded->pool);
	free(loaded);
}

DEFINE_OWNED(owned_loaded, struct loaded, loaded_free)

int config_load(const char *path, const struct config_paths *paths, const struct config **ret,
		struct config_errors *errors)
{
	OWNED(owned_loaded) struct loaded *loaded = calloc(1, sizeof *loaded);
	OWNED(pool_release) struct pool scratch = {0};
	struct faults faults = {.file = path, .errors = errors};
	struct faults remarks = {.file = path};
	OWNED_STRBUF struct strbuf hidden = {0};
	struct json_writer hidden_writer = {.out = &hidden};
	struct build build = {
		.scratch = &scratch, .faults = &faults, .remarks = &remarks, .paths = paths, .hidden = &hidden_writer};

	*errors = (struct config_errors){0};
	int rc = loaded ? 0 : ERR_NOMEM;
	if (loaded) {
		build.config = &loaded->config;
		build.pool = &loaded->pool;
		remarks.errors = &loaded->config.remarks;
		rc = read_file(&build, path);
	}
	if (rc == ERR_NOMEM)
		fault_add(&faults, place_file(), "out of memory");
	if (rc)
		return rc;
	atomic_init(&loaded->refs, 1);
	*ret = &TAKE(loaded)->config;
	return 0;
}

static struct loaded *loaded_of(const struct config *config)
{
	return CONTAINER_OF(config, struct loaded, config);
}

const struct config *config_ref(const struct config *config)
{
	atomic_fetch_add(&loaded_of(config)->refs, 1);
	return config;
}

void config_unref(const struct config *config)
{
	if (config && atomic_fetch_sub(&loaded_of(config)->refs, 1) == 1)
		loaded_free(loaded_of(config));
}
