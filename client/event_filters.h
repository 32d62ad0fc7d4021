/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event_filters.h: which events a command shows: the options that `history`, `export` and `tail`
 * have in common, and what they become in a question.
 */
#pragma once

#include "commands.h"
#include "http.h"

/* Rows of an option table. */
#define EVENT_FILTER_ROWS                                                                                     \
	{"crate", "NAME", "only of this crate"}, {OPTION_REGISTRY}, {"version", "V", "only of this version"}, \
		{"project", "NAME", "only what hits this project"},                                           \
	{                                                                                                     \
		"event", "K,…", "only these kinds: yanked, version_deleted, …"                              \
	}
#define EVENT_TIME_ROWS                                                                                        \
	{"since", "T", "from then on: 2h or 7d ago, a date, \"2026-11-21 09:30\" in local time, or RFC 3339"}, \
	{                                                                                                      \
		"until", "T", "up to then"                                                                     \
	}

void event_filters_add(struct strbuf *path, const struct args *args);
/* --since and --until. ERR_BAD. */
MUST_CHECK int event_times_add(struct strbuf *path, const struct args *args, struct err *err);
/* --after as a number; 0 when it is not given. ERR_BAD. */
MUST_CHECK int event_after_read(const struct args *args, int64_t *ret, struct err *err);

/* The time that an option names, as moment_parse() takes it back in time; 0 = not given. ERR_BAD: it is none. */
MUST_CHECK int moment_read(const struct args *args, const char *key, int64_t *ret_ms, struct err *err);
