/* SPDX-License-Identifier: Apache-2.0 */
/* event.c: see event.h. The order of keys in the body never changes. */
#include "model/event.h"

#include "base/json.h"
#include "base/numbers.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

/* Little-endian, so that two daemons on different machines give the same ids. */
static void hash_int(crypto_generichash_state *hash, int64_t value)
{
	unsigned char bytes[8];

	for (unsigned i = 0; i < sizeof bytes; i++)
		bytes[i] = (unsigned char)((uint64_t)value >> (8 * i));
	crypto_generichash_update(hash, bytes, sizeof bytes);
}

static void hash_text(crypto_generichash_state *hash, const char *text)
{
	size_t len = strlen(text);

	hash_int(hash, (int64_t)len);
	crypto_generichash_update(hash, (const unsigned char *)text, len);
}

static void hash_look(crypto_generichash_state *hash, const struct event_identity *identity)
{
	hash_int(hash, identity->ordinal);
	hash_int(hash, identity->last_modified);
	if (identity->last_modified == 0)
		crypto_generichash_update(hash, identity->lineage, LINEAGE_SIZE);
}

static void hash_action(crypto_generichash_state *hash, const struct event_identity *identity)
{
	hash_text(hash, "audit_trail");
	hash_int(hash, identity->action_ms);
}

void event_make_id(const struct event_identity *identity, char ret[static EVENT_ID_MAX])
{
	unsigned char digest[16];
	crypto_generichash_state hash;

	crypto_generichash_init(&hash, NULL, 0, sizeof digest);
	hash_text(&hash, identity->index_url);
	hash_text(&hash, identity->crate);
	hash_text(&hash, identity->version);
	hash_text(&hash, event_kind_name(identity->kind));
	if (identity->project)
		hash_text(&hash, identity->project);
	if (identity->action_ms)
		hash_action(&hash, identity);
	else
		hash_look(&hash, identity);
	crypto_generichash_final(&hash, digest, sizeof digest);
	char hex[2 * sizeof digest + 1];
	hex_encode(digest, sizeof digest, hex);
	(void)snprintf(ret, EVENT_ID_MAX, "evt_%s", hex);
}

static void put_checksum(struct json_writer *w, const char *key, const unsigned char *checksum)
{
	char hex[2 * CHECKSUM_SIZE + 1];

	hex_encode(checksum, CHECKSUM_SIZE, hex);
	json_put_string(w, key, hex);
}

static void put_previous(struct json_writer *w, const struct event *event)
{
	json_open(w, "previous", '{');
	if (event->previous_checksum)
		put_checksum(w, "checksum", event->previous_checksum);
	if (event->previous_reason)
		reason_put(w, "reason", event->previous_reason);
	json_close(w, '}');
}

static void put_versions(struct json_writer *w, const struct event *event)
{
	json_open(w, "versions", '[');
	for (size_t i = 0; i < event->n_versions; i++)
		json_put_string(w, NULL, event->versions[i]);
	json_close(w, ']');
}

static void put_changed(struct json_writer *w, unsigned facets)
{
	json_open(w, "changed", '[');
	for (unsigned f = 0; f < FACETS; f++)
		if (facets & 1u << f)
			json_put_string(w, NULL, facet_name((enum facet)f));
	json_close(w, ']');
}

static void put_evidence(struct json_writer *w, const struct event *event)
{
	json_open(w, "evidence", '{');
	json_put_string(w, "index", event->index_url);
	if (event->api)
		json_put_string(w, "api", event->api);
	if (event->status)
		json_put_int(w, "status", event->status);
	if (event->etag)
		json_put_string(w, "etag", event->etag);
	if (event->last_modified)
		json_put_time(w, "last_modified", event->last_modified * 1000);
	if (event->line) {
		OWNED_MEM char *line = strndup(event->line, event->line_len);
		if (!line)
			w->out->failed = true;
		else
			json_put_string(w, "line", line);
	}
	json_close(w, '}');
}

void event_write_begin(struct json_writer *w, const struct event *event)
{
	json_open(w, NULL, '{');
	json_put_string(w, "id", event->id);
	json_put_int(w, "seq", event->seq);
	json_put_time(w, "at", event->at_ms);
	json_put_string(w, "registry", event->registry);
	if (event->crate)
		json_put_string(w, "crate", event->crate);
	if (event->version)
		json_put_string(w, "version", event->version);
	json_put_string(w, "event", event_kind_name(event->kind));
	if (event->project)
		json_put_string(w, "project", event->project);
}

void event_write_body(struct strbuf *out, const struct event *event)
{
	struct json_writer w = {.out = out};

	event_write_begin(&w, event);
	if (event->checksum)
		put_checksum(&w, "checksum", event->checksum);
	if (event->version)
		json_put_bool(&w, "yanked", event->yanked);
	if (event->reason)
		reason_put(&w, "reason", event->reason);
	if (event->previous_checksum || event->previous_reason)
		put_previous(&w, event);
	if (event->versions)
		put_versions(&w, event);
	if (event->facets)
		put_changed(&w, event->facets);
	if (event->since_ms)
		json_put_time(&w, "since", event->since_ms);
	if (event->detail)
		json_put_string(&w, "detail", event->detail);
	if (event->source == EVENT_OF_AUDIT_TRAIL)
		json_put_string(&w, "source", "audit_trail");
	json_put_time(&w, "observed_at", event->observed_at_ms);
	put_evidence(&w, event);
	json_close(&w, '}');
}

/* A member behind others. An export has millions of these: what is known beforehand is copied, not formatted. */
static void add_member(struct strbuf *out, const char *key, const char *value)
{
	strbuf_adds(out, ",\"");
	strbuf_adds(out, key);
	strbuf_adds(out, "\":\"");
	strbuf_adds(out, value);
	strbuf_adds(out, "\"");
}

static void add_hash(struct strbuf *out, const char *key, const unsigned char *hash)
{
	char hex[2 * CHAIN_HASH_SIZE + 1];

	hex_encode(hash, CHAIN_HASH_SIZE, hex);
	add_member(out, key, hex);
}

void event_write_document(struct strbuf *out, const struct event_record *record)
{
	strbuf_add(out, record->body, strlen(record->body) - 1); /* all but the closing brace */
	if (record->prev_hash && record->hash) {
		add_hash(out, "prev_hash", record->prev_hash);
		add_hash(out, "hash", record->hash);
	}
	if (record->annotations && *record->annotations) {
		strbuf_adds(out, ",");
		strbuf_adds(out, record->annotations);
	}
	add_member(out, "severity", severity_name(record->severity));
	strbuf_adds(out, "}");
}
