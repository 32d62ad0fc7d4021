/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outfile.h: a file that is there whole or not at all: written beside its place and
 * put there at the end. For cmd_export.c and cmd_backup.c.
 */
#pragma once

#include "base/err.h"

#include <stdio.h>
#include <sys/types.h>

struct outfile {
	const char *path; /* as the user wrote it; NULL: standard output */
	char *written;    /* owned; beside it */
	FILE *stream;
	bool replaces; /* what is there already */
};

/* ERR_REFUSED: it is there already, and must not be replaced; ERR_BAD: "-", which elsewhere is standard input. To be
 * released also when it failed. */
MUST_CHECK int outfile_open(struct outfile *file, const char *path, mode_t mode, bool replace, struct err *err);

/* All that was written is in its place, and on the disk. */
MUST_CHECK int outfile_commit(struct outfile *file, struct err *err);
/* Why writing failed, from errno. */
int outfile_error(const struct outfile *file, struct err *err);
void outfile_release(struct outfile *file);
#define OWNED_OUTFILE OWNED(outfile_release)
