/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report.h: what `check` found, and the formats in which it is told. A new format is a row in
 * report.c and a function.
 */
#pragma once

#include "lockfile.h"
#include "session.h"

struct report {
	const struct session *session;
	const struct lockfile *lockfile;
	const cJSON *answer;   /* of POST /v1/check */
	const cJSON *findings; /* in it, worst first */
	const unsigned *lines; /* where each stands in the lockfile; 0: nowhere */
	size_t n_findings;
	bool whole; /* every crate was looked at, and understood */
};

struct report_format {
	const char *name; /* NULL ends the table */
	int (*print)(const struct report *report, struct err *err);
};
extern const struct report_format report_formats[];

/* NULL: there is none of that name. */
const struct report_format *report_format_find(const char *name);

int report_github(const struct report *report, struct err *err); /* GitHub's workflow commands, a line a finding */
int report_sarif(const struct report *report, struct err *err);  /* SARIF 2.1.0 */

/* Of an answer's "unmatched". Appends "12 packages are of no configured registry, and not looked at: 9 git, 3 path";
 * nothing when all are. */
void report_write_unmatched(const cJSON *answer, struct strbuf *out);
/* Of its "unknown". Appends "3 crates were not looked at, or not understood: a, b, c"; nothing when all were. */
void report_write_unknown(const cJSON *answer, struct strbuf *out);
