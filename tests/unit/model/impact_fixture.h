/* SPDX-License-Identifier: Apache-2.0 */
/*
 * impact_fixture.h: locks and questions for the tests of impact, written as tables. The crate in question is "demo".
 */
#pragma once

#include "model/impact.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#define ROWS_MAX 160
#define TEXTS_MAX 65536

struct lock_row {
	const char *name, *version;
	enum lock_origin origin;
	const char *edges; /* "2 5:^1.2;5:<2": packages by their number, a requirement where one is stated */
	const char *index; /* "^1.2;<2": what its index entry demands of demo; NULL = not known */
};

struct lock_maker {
	struct lock lock;
	struct lock_package packages[ROWS_MAX];
	struct lock_edge edges[ROWS_MAX * 4];
	char texts[TEXTS_MAX];
	bool is_crate[ROWS_MAX];
	const struct lock_row *rows;
	const char *listed[ROWS_MAX]; /* what the last question of demands was answered with */
	char listed_text[1024];
};

static inline lock_text keep_text(struct lock_maker *maker, const char *text, size_t len)
{
	lock_text at = maker->lock.n_texts;

	assert_true(at + len + 1 <= TEXTS_MAX);
	memcpy(maker->texts + at, text, len);
	maker->texts[at + len] = '\0';
	maker->lock.n_texts += (uint32_t)len + 1;
	return at;
}

static inline void make_edges(struct lock_maker *maker, struct lock_package *package, const char *text)
{
	package->edges = maker->lock.n_edges;
	while (text && *text) {
		char *end;
		struct lock_edge *edge = &maker->edges[maker->lock.n_edges++];
		*edge = (struct lock_edge){.to = (uint32_t)strtoul(text, &end, 10)};
		text = end;
		if (*text == ':') {
			size_t len = strcspn(text + 1, ";");
			edge->requirement = keep_text(maker, text + 1, len);
			text += 1 + len;
		}
		text += *text != '\0';
		package->n_edges++;
	}
}

static inline void make_lock(struct lock_maker *maker, const struct lock_row *rows, size_t n)
{
	*maker = (struct lock_maker){.rows = rows};
	maker->lock =
		(struct lock){.packages = maker->packages, .edges = maker->edges, .texts = maker->texts, .n_texts = 1};
	for (size_t i = 0; i < n; i++) {
		struct lock_package *package = &maker->packages[i];
		package->name = keep_text(maker, rows[i].name, strlen(rows[i].name));
		package->version = keep_text(maker, rows[i].version, strlen(rows[i].version));
		package->origin = rows[i].origin;
		make_edges(maker, package, rows[i].edges);
		maker->is_crate[i] = strcmp(rows[i].name, "demo") == 0;
	}
	maker->lock.n_packages = (uint32_t)n;
}

static inline bool tell_index(void *ctx, uint32_t package, const char *const **ret_requirements, size_t *ret_n)
{
	struct lock_maker *maker = ctx;
	size_t n = 0;

	assert_int_equal(maker->rows[package].origin, LOCK_REGISTRY);
	if (!maker->rows[package].index)
		return false;
	snprintf(maker->listed_text, sizeof maker->listed_text, "%s", maker->rows[package].index);
	char *state = NULL;
	for (char *it = strtok_r(maker->listed_text, ";", &state); it; it = strtok_r(NULL, ";", &state))
		maker->listed[n++] = it;
	/* As long as the question: these texts live in the maker. */
	for (size_t i = 0; i < n; i++)
		maker->listed[i] = maker->texts + keep_text(maker, maker->listed[i], strlen(maker->listed[i]));
	*ret_requirements = maker->listed;
	*ret_n = n;
	return true;
}

/* "1.0.0 1.1.0! 2.0.0": with '!' not usable. Returns how many. */
static inline size_t make_versions(struct lock_maker *maker, const char *text, struct impact_version *ret)
{
	size_t n = 0;

	while (*text) {
		size_t len = strcspn(text, " ");
		bool usable = text[len - 1] != '!';
		ret[n++] = (struct impact_version){.version = maker->texts + keep_text(maker, text, len - !usable),
						   .usable = usable};
		text += len + (text[len] == ' ');
	}
	return n;
}

static inline struct impact ask(struct lock_maker *maker, const char *version, const char *versions)
{
	struct impact_version list[ROWS_MAX];
	struct impact impact;
	struct err err;
	size_t n = make_versions(maker, versions, list);
	const struct impact_question question = {
		.lock = &maker->lock,
		.is_crate = maker->is_crate,
		.version = version,
		.versions = list,
		.n_versions = n,
		.demands = tell_index,
		.ctx = maker,
	};

	assert_int_equal(impact_find(&question, &impact, &err), 0);
	return impact;
}

/* "^1.2=1.2.4 <2=-": demands with their picks; '?' behind one that is assumed. */
static inline const char *told(const struct impact *impact, char buf[static 4096])
{
	size_t len = 0;

	*buf = '\0';
	for (size_t i = 0; i < impact->n_demands; i++) {
		const struct impact_demand *it = &impact->demands[i];
		len += (size_t)snprintf(buf + len, 4096 - len, "%s%s%s=%s", i ? " " : "", it->requirement,
					it->assumed ? "?" : "", it->pick ? it->pick : "-");
		assert_true(len < 4096);
	}
	return buf;
}
