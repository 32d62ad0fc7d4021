/* SPDX-License-Identifier: Apache-2.0 */
/*
 * faults.h: what is wrong with a file, gathered while it is read, so that all of
 * it is told at once and in the order of the lines.
 *
 * Each becomes "FILE:LINE: KEY: what is wrong, what is allowed". Texts of the
 * file are escaped and cut here; the caller writes only the sentence.
 */
#pragma once

#include "config/config.h"
#include "config/names.h"
#include "config/node.h"

struct faults {
	const char *file;             /* borrowed */
	struct config_errors *errors; /* borrowed; filled */
	unsigned lines[CONFIG_ERRORS_MAX];
	bool nomem;
};

/* Where a fault is; what does not apply is 0 or NULL. All borrowed. */
struct place {
	unsigned line;
	const char *file;        /* NULL: the one that is read */
	const struct node *node; /* its path is told */
	const char *key;         /* told after the path */
	const char *value;       /* quoted before the sentence */
};

struct place place_file(void);
struct place place_node(const struct node *node);
struct place place_value(const struct node *scalar);
/* A key that `mapping` has or lacks. */
struct place place_key(const struct node *mapping, const char *key);

void fault_add(struct faults *faults, struct place place, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* `scalar` is none of `names`: `"VALUE" is not WHAT, did you mean "x"?`. */
void fault_add_unknown(struct faults *faults, const struct node *scalar, const char *what, const struct names *names);
/* `node`'s key is none of `keys`. */
void fault_add_unknown_key(struct faults *faults, const struct node *node, const struct names *keys);

bool faults_any(const struct faults *faults);
