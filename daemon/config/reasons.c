/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reasons.c: `reasons` of a registry: where the texts of its yanks are asked for. Its operators ask for restraint:
 * what crates.io allows is checked here, and kept by poll/.
 */
#include "base/numbers.h"
#include "config/build.h"
#include "config/trust.h"
#include "config/value.h"
#include "model/web_api.h"

#include <openssl/x509_vfy.h>
#include <string.h>

#define RATE_MAX 1000 /* requests a second */
#define RECHECK_MIN_MS SECONDS(10)
#define RECHECK_MAX_MS DAYS(365)

enum reasons_from { FROM_CRATES_IO, FROM_NONE };

/* What the file says; borrowed from the tree. */
struct reasons_keys {
	int64_t from;
	const char *api_url;
	int64_t requests_per_second;
	int64_t wait_ms;
	const struct node *recheck;
};

static const char *from_at(const void *set, size_t i)
{
	static const char *const words[] = {[FROM_CRATES_IO] = "crates.io", [FROM_NONE] = "none"};
	(void)set;
	return i < ARRAY_LEN(words) ? words[i] : NULL;
}

static const char *check_api_url(const char *text)
{
	OWNED_STRBUF struct strbuf base = {0};
	return web_api_base(text, &base) ? NULL : "must be http:// or https:// and a host, without blanks, ?, # and @";
}

static const char *check_recheck(const char *text)
{
	int64_t ms;

	if (!duration_parse_ms(text, &ms))
		return "is not a duration, allowed: 10s to 365d";
	if (ms < RECHECK_MIN_MS)
		return "is too short, allowed: 10s to 365d";
	return ms > RECHECK_MAX_MS ? "is too long, allowed: 10s to 365d" : NULL;
}

#define FIELD(member) SCHEMA_FIELD(struct reasons_keys, member)
static const struct schema_row rows[] = {
	{"from", SCHEMA_WORD, FIELD(from), .words = from_at,
	 .help = "a web API like crates.io's, or none; crates.io if not given for index.crates.io, else none"},
	{"api_url", SCHEMA_URL, FIELD(api_url), .max = WEB_API_URL_MAX, .check = check_api_url,
	 .help = "the base of that API; if not given, the api of the index's config.json"},
	{"requests_per_second", SCHEMA_INTEGER, FIELD(requests_per_second), .min = 1, .max = RATE_MAX, .absent = "1",
	 .help = "never more, in any second; registries with the same API share it; 1 for crates.io"},
	{"wait", SCHEMA_DURATION, FIELD(wait_ms), .max = SECONDS(600), .absent = "20s",
	 .help = "an alert of a yank waits so long for its reason, then it goes without"},
	{"recheck", SCHEMA_LIST, FIELD(recheck), .item = SCHEMA_TEXT, .max = REASON_RECHECKS_MAX,
	 .check = check_recheck,
	 .help = "pauses between two looks at a yank, 10s to 365d each, in their order; 1m, 10m, 1h, 6h, 1d, 7d and "
		 "30d if not given"},
};
const struct schema reasons_schema = SCHEMA_OF(rows);

/* A text can be set, edited or cleared without any change of the index. */
static void read_rechecks(const struct node *list, struct config_reasons *reasons)
{
	static const int64_t usual[] = {SECONDS(60), SECONDS(600), HOURS(1), HOURS(6), DAYS(1), DAYS(7), DAYS(30)};

	for (size_t i = 0; !list && i < ARRAY_LEN(usual); i++)
		reasons->recheck_ms[reasons->n_rechecks++] = usual[i];
	for (const struct node *item = list ? list->first : NULL; item; item = item->next)
		if (item->text && duration_parse_ms(item->text, &reasons->recheck_ms[reasons->n_rechecks]))
			reasons->n_rechecks++;
}

/* In the pool, without the slashes at its end. */
static const char *keep_url(const struct build *build, const char *url)
{
	OWNED_STRBUF struct strbuf base = {0};

	(void)web_api_base(url, &base);
	build->pool->failed |= strbuf_failed(&base);
	return pool_strdup(build->pool, strbuf_str(&base));
}

/* It is crates.io's own API: the one that is named, or that of its index. */
static bool asks_crates_io(const struct config_registry *registry)
{
	return registry->reasons.api_url ? web_api_is_crates_io(registry->reasons.api_url)
					 : web_api_is_crates_io(registry->index_url);
}

static void check_crates_io(const struct build *build, const struct node *entry, const struct reasons_keys *keys,
			    const struct config_registry *registry)
{
	const struct node *section = node_get(entry, "reasons");

	if (keys->requests_per_second > 1)
		fault_add(build->faults, place_value(node_get(section, "requests_per_second")),
			  "is too many, allowed: 1 for crates.io");
	if (!web_api_is_crates_io(registry->index_url) && !node_get(entry, "contact"))
		fault_add(build->faults, place_key(entry, "contact"),
			  "is missing, crates.io requires one: an address of yours");
}

/* An API may have another host than its index, with a certificate of the same authority or of a public one. */
static int read_trust(const struct build *build, const char *ca_file, struct config_reasons *reasons, struct err *err)
{
	const char *const files[] = {SYSTEM_CA_FILE, ca_file};
	OWNED_STRBUF struct strbuf pem = {0};

	for (size_t i = 0; i < ARRAY_LEN(files) && files[i]; i++) {
		struct file_bytes bytes;
		int rc = file_read(files[i], 0, CONFIG_CA_MAX, build->scratch, &bytes, err);
		if (rc && i == 0)
			continue; /* the other one may do */
		if (rc)
			return rc;
		strbuf_add(&pem, bytes.text, bytes.len);
		strbuf_addc(&pem, '\n');
	}
	if (strbuf_failed(&pem))
		return err_nomem(err);
	return trust_parse(strbuf_str(&pem), pem.len, &reasons->trust, reasons->trust_id, err);
}

bool reasons_need_tls(const struct node *entry)
{
	const struct node *api_url = node_get(node_get(entry, "reasons"), "api_url");
	return api_url && api_url->text && strncmp(api_url->text, "https:", 6) == 0;
}

/* Where it is not known yet whether TLS is used, it does not matter now whether it could be. */
static void find_trust(const struct build *build, const struct node *entry, const char *ca_file,
		       struct config_registry *registry)
{
	struct config_reasons *reasons = &registry->reasons;
	const char *api_url = reasons->api_url;
	struct err err;

	if (api_url && !reasons_need_tls(entry))
		return;
	if (ca_file && !registry->trust && strncmp(registry->index_url, "https:", 6) == 0) /* faulty, which is told */
		return;
	if (registry->trust && !ca_file) {
		(void)X509_STORE_up_ref(registry->trust);
		reasons->trust = registry->trust;
		memcpy(reasons->trust_id, registry->trust_id, sizeof reasons->trust_id);
	} else if (read_trust(build, ca_file, reasons, &err)) {
		if (ca_file)
			fault_add(build->faults, place_value(node_get(entry, "ca_file")), "%s", err.text);
		else if (api_url)
			fault_add(build->faults, place_key(entry, "ca_file"),
				  "is missing, and the system's " SYSTEM_CA_FILE " %s", err.text);
	}
}

void reasons_read(const struct build *build, const struct node *entry, const char *ca_file,
		  struct config_registry *registry)
{
	const struct node *section = node_get(entry, "reasons");
	struct config_reasons *reasons = &registry->reasons;
	struct reasons_keys keys = {.from = web_api_is_crates_io(registry->index_url) ? FROM_CRATES_IO : FROM_NONE};

	bool good = schema_read(&reasons_schema, section, &keys, build->faults);
	reasons->from_api = keys.from == FROM_CRATES_IO;
	reasons->requests_per_second = keys.requests_per_second;
	reasons->wait_ms = keys.wait_ms;
	if (keys.api_url)
		reasons->api_url = keep_url(build, keys.api_url);
	if (good)
		read_rechecks(keys.recheck, reasons);
	if (!reasons->from_api)
		return;
	if (asks_crates_io(registry))
		check_crates_io(build, entry, &keys, registry);
	find_trust(build, entry, ca_file, registry);
}
