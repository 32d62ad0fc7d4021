/* SPDX-License-Identifier: Apache-2.0 */
/*
 * index_line.h: one line of a crate's index file, by meaning.
 *
 * What a line says is kept as the version's text, its checksum, the yanked flag
 * and one keyed digest for each facet of its metadata. Two lines mean the same
 * when these are equal: order of dependencies and features, the split between
 * `features` and `features2`, `pubtime` and explicit nulls do not count.
 * Source of the rules: cargo's IndexPackage and the Cargo book, "Index format".
 */
#pragma once

#include "model/canonical.h"
#include "model/fingerprint.h"
#include "model/member_memo.h"
#include "model/reason_text.h"

#define VERSION_TEXT_MAX 256 /* bytes of a `vers` text */
#define CHECKSUM_SIZE 32     /* SHA-256 */
#define INDEX_FORMAT_MAX 2   /* the highest `v` whose metadata we interpret */

enum facet { FACET_DEPS, FACET_FEATURES, FACET_LINKS, FACET_RUST_VERSION, FACETS };

const char *facet_name(enum facet facet); /* "deps", "features", "links", "rust_version" */

/* One version of a crate: as a line says it, or as the database remembers it. */
struct index_version {
	char *vers; /* owned; the raw text, never normalised: it is the key */
	unsigned char checksum[CHECKSUM_SIZE];
	unsigned char fingerprint[FINGERPRINT_SIZE]; /* of the line's bytes; zero = parse it next time */
	uint64_t facets[FACETS];                     /* all 0: not read, the line is in a later format */
	int64_t changed_ms;                          /* of its last event; 0 = none yet, or not from the database */
	bool yanked;
	bool deleted;               /* remembered, but no longer in the index */
	struct reason_text *reason; /* owned; why it was yanked, where its line says so; NULL = it does not */
	const char *line;           /* borrowed from the reply; NULL when it comes from the database */
	size_t line_len;
};

void index_version_release(struct index_version *version);

/* Members that are often the same from one line to the next, byte for byte. */
enum line_repeat { REPEAT_DEPS, REPEAT_FEATURES, REPEAT_FEATURES2, LINE_REPEATS };

/*
 * Reads the lines of one crate. What it holds besides the first two is working
 * memory, which starts zeroed and serves line after line. What a line has in common
 * with the one before is not read again, so all lines must be there as long as it is used.
 */
struct line_reader {
	const struct index_keys *keys; /* borrowed */
	const char *crate;             /* borrowed */
	struct json_scan json;
	struct canonical canonical;
	struct member_memo deps, features; /* of the last list of dependencies, and table of features where it is one */
	bool in_features2;                 /* that was `features2` */
	struct member_memo next;           /* of the one that is read */
	bool has_last;                     /* a line whose facets were read: */
	struct json_known last[LINE_REPEATS]; /* what it said, in its own bytes */
	struct text_span last_links, last_rust_version;
	uint64_t last_facets[FACETS]; /* and what came of it */
};

void line_reader_release(struct line_reader *reader);

/* The next lines are of another crate. */
void line_reader_begin(struct line_reader *reader, const char *crate);
/* They are over and may go. Working memory stays for the next crate's, but for what an unusual file has made large. */
void line_reader_end(struct line_reader *reader);

/*
 * Parses one line that must be about the reader's crate (letter case apart).
 * ERR_BAD with the reason when cargo would refuse the line or skip it, ERR_LIMIT,
 * ERR_NOMEM. On success the caller releases *ret; ret->line points into `line`.
 * The fingerprint is left zero: who asks for a parse has it already.
 */
MUST_CHECK int index_line_parse(struct line_reader *reader, const char *line, size_t len, struct index_version *ret,
				struct err *err);
