/* SPDX-License-Identifier: Apache-2.0 */
/*
 * index_file.h: a whole reply held against what is remembered of the crate.
 *
 * Lines whose fingerprint is remembered are not parsed. The others are, and what
 * they say stands in `changed`, one entry a version. A line that cannot be read
 * is counted and kept aside; it harms no other.
 */
#pragma once

#include "model/index_versions.h"

#define INDEX_FILE_MAX (32u << 20) /* bytes; the largest seen on crates.io is 3.7 MB */

/* A line of the reply. */
struct index_span {
	const char *at; /* NULL: none */
	size_t len;
};

struct index_look {
	bool is_plain;                               /* every line was read and is remembered by its bytes */
	unsigned char fingerprint[FINGERPRINT_SIZE]; /* of all lines in their order */
	struct index_span *unchanged;  /* owned; for each remembered version its line, when that is as before */
	struct index_versions changed; /* owned; lines that were parsed, doubles merged */
	size_t lines;                  /* non-empty lines in the file */
	size_t bad;                    /* lines that could not be read */
	size_t doubled;                /* lines whose version stands in the file more than once */
	size_t bad_line;               /* the first bad one, from 1 */
	struct err bad_err;            /* and why */
};

void index_look_release(struct index_look *look);

/* The same fingerprint of a reply, without a look: it costs no memory. */
void index_file_fingerprint(const struct index_keys *keys, const char *body, size_t len,
			    unsigned char ret[static FINGERPRINT_SIZE]);

/*
 * Looks at `body`, which must outlive *ret. ERR_BAD when not one line could be
 * read (empty, HTML, another crate's file): the reply is to be dropped whole.
 * ERR_NOMEM. On success the caller releases *ret. `lines` has its keys set, and serves file after file.
 */
MUST_CHECK int index_file_look(struct line_reader *lines, const char *crate, const char *body, size_t len,
			       const struct index_versions *known, struct index_look *ret, struct err *err);
