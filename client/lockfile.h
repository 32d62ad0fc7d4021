/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lockfile.h: the lockfile that a command is given: read to be sent, and looked
 * through for the line where a package stands. For cmd_check.c and cmd_project.c.
 */
#pragma once

#include "http.h"

struct lockfile {
	const char *path; /* as the user wrote it; "-" is standard input */
	struct strbuf bytes;
};

/* ERR_BAD: it cannot be read, is empty or above 16 MB; the text names it. To be released also then. */
MUST_CHECK int lockfile_read(const char *path, struct lockfile *ret, struct err *err);
void lockfile_release(struct lockfile *lockfile);
#define OWNED_LOCKFILE OWNED(lockfile_release)

/* Its name for people: "standard input" for "-". */
const char *lockfile_name(const struct lockfile *lockfile);
/* Where reports place it: "Cargo.lock" for "-", which is what is in the checkout of whoever reads them. */
const char *lockfile_place(const struct lockfile *lockfile);

/* Sends it; the caller frees *ret_answer. What is wrong with the lockfile is told with its name. `wait_s`: how long the
 * daemon is asked to wait; LOCKFILE_PATIENT: it may take as long as it needs. */
#define LOCKFILE_PATIENT (-1)
MUST_CHECK int lockfile_send(const struct lockfile *lockfile, struct http *http, const char *method,
			     const struct strbuf *path, int64_t wait_s, cJSON **ret_answer, struct err *err);

/*
 * Sets ret_lines[i] to the line of the i-th finding's package: where its name stands in a
 * Cargo.lock; 0: nowhere (the file is of another format). They are `n` findings.
 */
void lockfile_find_lines(const struct lockfile *lockfile, const cJSON *findings, unsigned *ret_lines, size_t n);
