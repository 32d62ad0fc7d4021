/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event.h: one observed transition, its stable id and its document.
 *
 * What the event *is* is written once, as canonical bytes, and stored; what is
 * said about it (severity now; reason, replacement, findings later) is put
 * beside those bytes when a document is asked for. Source: docs/EVENTS.md.
 */
#pragma once

#include "base/strbuf.h"
#include "model/chain.h"
#include "model/diff.h"
#include "model/reason_said.h"

#define EVENT_ID_MAX 40 /* "evt_" and 32 hex digits */
#define LINEAGE_SIZE 16 /* random bytes that name one database's history */

/* Where it was seen. Stored: only append. */
enum event_source {
	EVENT_OF_INDEX,       /* or of what we know ourselves */
	EVENT_OF_AUDIT_TRAIL, /* of the web API, later: no look at the index has shown it */
};

/* Every pointer is borrowed; NULL or 0 where it does not apply. */
struct event {
	char id[EVENT_ID_MAX];
	int64_t seq;
	int64_t at_ms;
	int64_t observed_at_ms;
	const char *registry;
	const char *index_url;
	const char *crate; /* NULL: of the registry as a whole */
	const char *version;
	const char *project; /* of kinds that are of one */
	enum event_kind kind;
	enum severity severity;
	const unsigned char *checksum;          /* CHECKSUM_SIZE bytes */
	const unsigned char *previous_checksum; /* CHECKSUM_SIZE bytes */
	bool yanked;
	unsigned facets;
	const char *const *versions; /* crate_deleted: the versions that went with it */
	size_t n_versions;
	const char *etag;
	int64_t last_modified; /* seconds */
	int status;            /* HTTP; told for an absence */
	int64_t since_ms;      /* of a registry: wall clock, when it began */
	const char *detail;    /* and what is wrong, for people */
	const char *line;
	size_t line_len;
	enum event_source source;
	const char *api;                           /* the URL that told it */
	const struct reason_said *reason;          /* what it tells; of other events it is an annotation */
	const struct reason_said *previous_reason; /* with reason_changed */
};

/* What the id is the hash of. */
struct event_identity {
	const char *index_url;
	const char *crate;
	const char *version; /* "" for the crate as a whole */
	enum event_kind kind;
	int64_t ordinal;       /* earlier events of that kind for that version */
	int64_t last_modified; /* of the first reply that showed it; 0: the lineage stands in */
	const unsigned char *lineage;
	const char *project; /* of kinds that are of one; NULL = of none */
	int64_t action_ms;   /* of the audit trail: its time, in place of ordinal and Last-Modified; else 0 */
};

void event_make_id(const struct event_identity *identity, char ret[static EVENT_ID_MAX]);

/* What the canonical bytes begin with, the object not closed: the members by which an event is found. */
struct json_writer;
void event_write_begin(struct json_writer *w, const struct event *event);

/* Appends the canonical bytes: a JSON object without the annotations. */
void event_write_body(struct strbuf *out, const struct event *event);

/* An event as it is stored, with what is said about it now. All borrowed. */
struct event_record {
	const char *body;               /* the canonical bytes */
	const unsigned char *prev_hash; /* CHAIN_HASH_SIZE bytes each; NULL = left out */
	const unsigned char *hash;
	const char *annotations; /* members that were noted with the event, "\"findings\":[…]"; NULL or "" = none */
	enum severity severity;
};

/* Appends the whole document: the canonical bytes with `"prev_hash":"…","hash":"…"` and then the annotations put in,
 * so that who cuts it at `,"prev_hash":` and closes it with `}` has the canonical bytes. */
void event_write_document(struct strbuf *out, const struct event_record *record);
