/* SPDX-License-Identifier: Apache-2.0 */
/* registries.c: the section `registries`: where to poll, as whom, and whom to trust. */
#include "config/build.h"
#include "config/file.h"
#include "config/trust.h"
#include "config/value.h"

#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#define INDEX_TEXT_MAX 1024 /* bytes */
#define CONTACT_MAX 256     /* bytes */
#define RATE_MAX 100000     /* requests a second; as good as no budget */
#define CRATES_IO_HOST "index.crates.io"
#define CRATES_IO_INTERVAL_MIN_MS SECONDS(30) /* its files are cached for minutes: faster polls see nothing new */
#define SPARSE "sparse+"

/* What the file says of one registry; borrowed from the tree. */
struct registry_keys {
	const char *index;
	const char *contact;
	const char *ca_file;
	const char *token_file;
	int64_t requests_per_second;
	int64_t poll_interval_ms;
	int64_t confirm_unyanked_ms, confirm_deleted_ms;
	int64_t blind_after_ms;
	const struct node *mirror_of; /* read by sources.c */
};

static const char *check_index(const char *text)
{
	size_t prefix = strlen(SPARSE);

	if (strncmp(text, SPARSE, prefix) != 0 || !url_host(text + prefix))
		return "must begin with sparse+https://HOST/ or sparse+http://HOST/";
	if (!text_is_graphic(text) || strpbrk(text, "?#@"))
		return "must hold no blanks, control bytes, ?, # or @";
	return text[strlen(text) - 1] == '/' && strchr(url_host(text + prefix), '/') ? NULL : "must end in /";
}

/* It becomes a part of the User-Agent header. */
static const char *check_contact(const char *text)
{
	for (const char *p = text; *p; p++)
		if (*p < ' ' || *p > '~')
			return "is not printable ASCII";
	return *text ? NULL : "is empty, allowed: an address of yours, in printable ASCII";
}

#define FIELD(member) SCHEMA_FIELD(struct registry_keys, member)
static const struct schema_row confirm_rows[] = {
	{"unyanked", SCHEMA_DURATION, FIELD(confirm_unyanked_ms), .max = DAYS(1), .absent = "10m",
	 .help = "how long an un-yank, or other metadata, that no newer Last-Modified proves must stand before it is "
		 "told"},
	{"deleted", SCHEMA_DURATION, FIELD(confirm_deleted_ms), .max = DAYS(1), .absent = "10m",
	 .help = "the same for a deleted version or crate"},
};
static const struct schema confirm_schema = SCHEMA_OF(confirm_rows);

static const struct schema_row rows[] = {
	{"index", SCHEMA_TEXT, FIELD(index), .required = true, .max = INDEX_TEXT_MAX, .check = check_index,
	 .help = "sparse+https://HOST/.../ or sparse+http://HOST/.../, with a slash at the end"},
	{"contact", SCHEMA_TEXT, FIELD(contact), .max = CONTACT_MAX, .check = check_contact,
	 .help = "an address of yours for the User-Agent, in printable ASCII; required for index.crates.io"},
	{"poll_interval", SCHEMA_DURATION, FIELD(poll_interval_ms), .min = 100, .max = DAYS(7), .absent = "60s",
	 .help = "how often each crate is looked at; index.crates.io: at least 30s"},
	{"requests_per_second", SCHEMA_INTEGER, FIELD(requests_per_second), .min = 1, .max = RATE_MAX, .absent = "50",
	 .help = "the budget of requests to it; the interval stretches when the watches exceed it"},
	{"ca_file", SCHEMA_PATH, FIELD(ca_file), .help = "PEM certificates to trust instead of the system's"},
	{"token_file", SCHEMA_TEXT, FIELD(token_file),
	 .help = "the token of a private registry: an absolute path or credential:NAME, closed to others; sent to this "
		 "index alone, over https (or to loopback)"},
	{"confirm", SCHEMA_SECTION, .section = &confirm_schema,
	 .help = "how long what a stale copy could also show has to stand"},
	{"mirror_of", SCHEMA_LIST, FIELD(mirror_of), .item = SCHEMA_TEXT, .min = 1, .check = check_mirror_of,
	 .help = "sources that this registry has copies of, as a lockfile spells them: crates.io, registry+https://... "
		 "or sparse+https://.../"},
	{"reasons", SCHEMA_MAPPING, .entry = &reasons_schema, .help = "where the texts of its yanks are asked for"},
	{"blind_after", SCHEMA_DURATION, FIELD(blind_after_ms), .min = SECONDS(1), .max = DAYS(7), .absent = "15m",
	 .help = "nothing could be polled for so long: registry_blind"},
};
const struct schema registry_schema = SCHEMA_OF(rows);

static bool is_crates_io(const char *url)
{
	const char *host = url_host(url);
	size_t len = strcspn(host, ":/");
	return len == strlen(CRATES_IO_HOST) && strncasecmp(host, CRATES_IO_HOST, len) == 0;
}

/* Of the domains that are nobody's (RFC 2606), as in the sample configuration. */
static bool is_sample(const char *contact)
{
	static const char *const domains[] = {"example.com", "example.org", "example.net", ".example"};

	for (size_t i = 0; i < ARRAY_LEN(domains); i++)
		if (strcasestr(contact, domains[i]))
			return true;
	return false;
}

/* Its operators block who polls too fast or cannot be reached. */
static void check_crates_io(const struct node *entry, const struct registry_keys *keys, struct faults *faults,
			    struct faults *remarks)
{
	const struct node *interval = node_get(entry, "poll_interval");

	if (!node_get(entry, "contact"))
		fault_add(faults, place_key(entry, "contact"),
			  "is missing, " CRATES_IO_HOST " requires one: an address of yours");
	if (keys->contact && is_sample(keys->contact))
		fault_add(remarks, place_value(node_get(entry, "contact")),
			  "is nobody's address: crates.io may block whom it cannot reach, give one of yours");
	if (keys->poll_interval_ms && keys->poll_interval_ms < CRATES_IO_INTERVAL_MIN_MS)
		fault_add(faults, place_value(interval), "is too short, allowed: 30s to 7d for crates.io");
}

static int read_pem(const char *path, struct pool *scratch, struct config_registry *registry, struct err *err)
{
	struct file_bytes bytes;
	int rc = file_read(path, 0, CONFIG_CA_MAX, scratch, &bytes, err);

	if (rc)
		return rc;
	return trust_parse(bytes.text, bytes.len, &registry->trust, registry->trust_id, err);
}

static void read_certificates(const struct build *build, const struct node *entry, const struct registry_keys *keys,
			      struct config_registry *registry)
{
	const struct node *ca_file = node_get(entry, "ca_file");
	struct err err;

	if (strncmp(registry->index_url, "http:", 5) == 0) {
		if (ca_file && !reasons_need_tls(entry))
			fault_add(build->faults, place_node(ca_file), "has no meaning, the index is plain http");
		return;
	}
	if (keys->ca_file && read_pem(keys->ca_file, build->scratch, registry, &err))
		fault_add(build->faults, place_value(ca_file), "%s", err.text);
	if (!ca_file && read_pem(SYSTEM_CA_FILE, build->scratch, registry, &err))
		fault_add(build->faults, place_key(entry, "ca_file"),
			  "is missing, and the system's " SYSTEM_CA_FILE " %s", err.text);
}

static bool is_loopback(const char *url)
{
	static const char *const hosts[] = {"127.0.0.1", "localhost", "[::1]"};
	const char *host = url_host(url);

	for (size_t i = 0; i < ARRAY_LEN(hosts); i++)
		if (strncmp(host, hosts[i], strlen(hosts[i])) == 0 && strchr(":/", host[strlen(hosts[i])]))
			return true;
	return false;
}

/* Graphic ASCII alone: it becomes a header as it is. */
static int check_token(struct file_bytes *token, struct err *err)
{
	while (token->len > 0 && strchr("\r\n", token->text[token->len - 1]))
		token->text[--token->len] = '\0';
	if (token->len == 0 || strlen(token->text) != token->len || !text_is_graphic(token->text))
		return err_set(err, ERR_BAD, "holds no token, allowed: one line of printable ASCII without blanks");
	return 0;
}

void registry_keep_token(const struct build *build, struct place place, struct config_registry *registry,
			 struct file_bytes *token)
{
	struct err err;

	if (strncmp(registry->index_url, "http:", 5) == 0 && !is_loopback(registry->index_url)) {
		place.value = NULL;
		fault_add(build->faults, place, "would be sent in the clear, the index is plain http");
	} else if (check_token(token, &err)) {
		fault_add(build->faults, place, "%s", err.text);
	} else {
		registry->token = token->text;
	}
}

static void read_token(const struct build *build, const struct node *entry, const struct registry_keys *keys,
		       struct config_registry *registry)
{
	const struct node *where = node_get(entry, "token_file");
	char buf[PATH_MAX];
	struct file_bytes token;
	struct err err;

	if (!keys->token_file)
		return;
	const char *path = file_resolve(keys->token_file, buf, &err);
	if (!path) {
		fault_add(build->faults, place_node(where), "%s", err.text);
		return;
	}
	json_put_string(build->hidden, NULL, path);
	if (file_read(path, S_IRWXO, REGISTRY_TOKEN_MAX, build->pool, &token, &err))
		fault_add(build->faults, place_value(where), "%s", err.text);
	else
		registry_keep_token(build, place_value(where), registry, &token);
}

static void read_registry(const struct build *build, const struct node *entry, struct config_registry *registry)
{
	struct registry_keys keys = {0};

	schema_read(&registry_schema, entry, &keys, build->faults);
	registry->name = pool_strdup(build->pool, entry->key);
	registry->poll_interval_ms = keys.poll_interval_ms;
	registry->requests_per_second = keys.requests_per_second;
	registry->confirm = (struct belief_confirm){keys.confirm_unyanked_ms, keys.confirm_deleted_ms};
	registry->blind_after_ms = keys.blind_after_ms;
	if (keys.contact)
		registry->contact = pool_strdup(build->pool, keys.contact);
	if (!keys.index)
		return;
	registry->index_url = pool_strdup(build->pool, keys.index + strlen(SPARSE));
	if (!registry->index_url)
		return;
	if (is_crates_io(registry->index_url))
		check_crates_io(entry, &keys, build->faults, build->remarks);
	read_certificates(build, entry, &keys, registry);
	read_token(build, entry, &keys, registry);
	reasons_read(build, entry, keys.ca_file, registry);
}

void registries_read(const struct build *build, const struct node *named)
{
	struct config *config = build->config;

	if (!named)
		return;
	config->registries = pool_alloc(build->pool, named->count, sizeof *config->registries);
	for (const struct node *entry = named->first; entry && !build->pool->failed; entry = entry->next)
		read_registry(build, entry, &config->registries[config->n_registries++]);
}

static const char *name_at_index(const void *set, size_t i)
{
	const struct config *config = set;
	return i < config->n_registries ? config->registries[i].name : NULL;
}

struct names registries_names(const struct config *config)
{
	return (struct names){name_at_index, config};
}
