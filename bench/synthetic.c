/* SPDX-License-Identifier: Apache-2.0 */
/*
 * synthetic.c: see synthetic.h. A crate's dependencies and features are written
 * once, long enough for its longest line; each line takes a part from the front,
 * a longer one from version to version, as crates grow.
 */
#include "synthetic.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SYLLABLES 100                 /* twenty consonants, five vowels */
#define NAME_STRIDE UINT64_C(7368787) /* has no divisor in common with SYNTHETIC_CRATES_MAX: every name comes once */
#define DEPS_MAX 40                   /* dependencies of one version; what is longer is so by its features */
#define PLAIN_LINE_BYTES 170
#define YANKED_PER_MILLE 55
#define RUST_VERSION_PER_CENT 60
#define FEATURES2_PER_CENT 20

uint64_t synthetic_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static uint64_t below(uint64_t *state, uint64_t n)
{
	return synthetic_random(state) % n;
}

/* ---- names ---- */

static char *put_syllable(char *at, uint64_t n)
{
	*at++ = "bcdfghjklmnpqrstvwxz"[n % SYLLABLES / 5];
	*at++ = "aeiou"[n % 5];
	return at;
}

/* Seven digits, of which the last six are syllables and the first a word that real names end with. */
void synthetic_name(size_t n, uint64_t seed, char buf[static CRATE_NAME_MAX + 1])
{
	static const char *const ends[10] = {"",        "-rs",   "-sys",    "-core",  "_macros",
					     "-derive", "-util", "-client", "_types", "-cli"};
	uint64_t number = (n * NAME_STRIDE + seed) % SYNTHETIC_CRATES_MAX;
	char *at = buf;

	at = put_syllable(at, number / 10000);
	at = put_syllable(at, number / 100);
	at = put_syllable(at, number);
	(void)snprintf(at, CRATE_NAME_MAX - 6, "%s", ends[number / 1000000]);
}

/* ---- parts of lines ---- */

/* Members of a list or an object one after the other, and where each ends. */
struct parts {
	struct strbuf text;
	size_t *ends; /* owned */
	size_t count, cap;
};

static void parts_release(struct parts *parts)
{
	strbuf_release(&parts->text);
	free(parts->ends);
}

static void parts_end(struct parts *parts)
{
	if (parts->count == parts->cap) {
		size_t cap = parts->cap ? 2 * parts->cap : 64;
		size_t *ends = reallocarray(parts->ends, cap, sizeof *ends);
		if (!ends) {
			parts->text.failed = true;
			return;
		}
		parts->ends = ends;
		parts->cap = cap;
	}
	parts->ends[parts->count++] = parts->text.len;
}

static void make_deps(struct parts *deps, size_t bytes, uint64_t *state)
{
	while (deps->text.len < bytes && deps->count < DEPS_MAX) {
		char name[CRATE_NAME_MAX + 1];
		uint64_t dice = synthetic_random(state);
		synthetic_name(below(state, 5000), 0, name);
		strbuf_addf(&deps->text,
			    "%s{\"name\":\"%s\",\"req\":\"^%u.%u%s\",\"features\":[%s],\"optional\":%s,"
			    "\"default_features\":%s,\"target\":%s,\"kind\":\"%s\"}",
			    deps->count ? "," : "", name, (unsigned)(dice & 3), (unsigned)(dice >> 2 & 31),
			    dice & 128 ? ".4" : "", dice & 256 ? "\"derive\",\"std\"" : "",
			    dice & 512 ? "false" : "true", dice & 1024 ? "true" : "false",
			    dice % 11 ? "null" : "\"cfg(windows)\"", dice % 5 ? "normal" : "dev");
		parts_end(deps);
	}
}

static void make_features(struct parts *features, size_t bytes, uint64_t *state)
{
	while (features->text.len < bytes) {
		char name[CRATE_NAME_MAX + 1];
		synthetic_name(below(state, 5000), 0, name);
		strbuf_addf(&features->text, "%s\"%s%zu\":[\"%s/std\"]", features->count ? "," : "", name,
			    features->count, name);
		parts_end(features);
	}
}

/* As many of the parts, from `*count` on, as come nearest to `bytes`; their length. */
static size_t take(const struct parts *parts, size_t bytes, size_t *count)
{
	while (*count < parts->count) {
		size_t had = *count ? parts->ends[*count - 1] : 0;
		if ((had + parts->ends[*count]) / 2 > bytes)
			break;
		(*count)++;
	}
	return *count ? parts->ends[*count - 1] : 0;
}

/* ---- lines ---- */

struct version {
	unsigned major, minor, patch;
};

static void next_version(struct version *version, uint64_t *state)
{
	uint64_t dice = below(state, 100);

	if (dice < 3)
		*version = (struct version){version->major + 1, 0, 0};
	else if (dice < 30)
		*version = (struct version){version->major, version->minor + 1, 0};
	else
		version->patch++;
}

static void add_checksum(struct strbuf *out, uint64_t *state)
{
	for (int i = 0; i < 4; i++)
		strbuf_addf(out, "%016" PRIx64, synthetic_random(state));
}

struct line {
	const struct synthetic_crate *crate;
	struct version version;
	const struct parts *deps, *features;
	size_t deps_len, features_len;
	bool yanked;
	bool rust_version;
	bool format2; /* the features stand in features2 */
};

static void add_line(struct strbuf *out, const struct line *line, uint64_t *state)
{
	strbuf_addf(out, "{\"name\":\"%s\",\"vers\":\"%u.%u.%u%s\",\"deps\":[", line->crate->name, line->version.major,
		    line->version.minor, line->version.patch, below(state, 50) ? "" : "-alpha.1");
	strbuf_add(out, strbuf_str(&line->deps->text), line->deps_len);
	strbuf_adds(out, "],\"cksum\":\"");
	add_checksum(out, state);
	strbuf_adds(out, line->format2 ? "\",\"features\":{},\"features2\":{" : "\",\"features\":{");
	strbuf_add(out, strbuf_str(&line->features->text), line->features_len);
	strbuf_addf(out, "},\"yanked\":%s,\"links\":null", line->yanked ? "true" : "false");
	if (line->rust_version)
		strbuf_adds(out, ",\"rust_version\":\"1.70\"");
	strbuf_adds(out, line->format2 ? ",\"v\":2}\n" : "}\n");
}

/* From seven tenths of the average at first to thirteen tenths at last. */
static size_t line_bytes(const struct synthetic_crate *crate, size_t i)
{
	size_t last = crate->versions > 1 ? crate->versions - 1 : 1;
	size_t bytes = crate->versions > 1 ? crate->line_bytes * (7 * last + 6 * i) / (10 * last) : crate->line_bytes;
	return bytes > PLAIN_LINE_BYTES ? bytes - PLAIN_LINE_BYTES : 0;
}

size_t synthetic_file(const struct synthetic_crate *crate, struct strbuf *out)
{
	OWNED(parts_release) struct parts deps = {0};
	OWNED(parts_release) struct parts features = {0};
	uint64_t state = crate->seed;
	bool names_rust_version = below(&state, 100) < RUST_VERSION_PER_CENT;
	bool has_features2 = below(&state, 100) < FEATURES2_PER_CENT;
	struct version version = {0, 1, 0};
	size_t longest = line_bytes(crate, crate->versions - 1);
	size_t n_deps = 0;
	size_t n_features = 0;
	size_t yanked = 0;

	make_deps(&deps, longest - longest / 4, &state);
	make_features(&features, longest - (deps.text.len < longest ? deps.text.len : longest), &state);
	for (size_t i = 0; i < crate->versions; i++) {
		bool is_late = 2 * i >= crate->versions;
		size_t bytes = line_bytes(crate, i);
		struct line line = {
			.crate = crate,
			.version = version,
			.deps = &deps,
			.features = &features,
			.deps_len = take(&deps, bytes - bytes / 4, &n_deps),
			.yanked = below(&state, 1000) < YANKED_PER_MILLE,
			.rust_version = names_rust_version && is_late,
			.format2 = has_features2 && is_late,
		};
		line.features_len = take(&features, bytes > line.deps_len ? bytes - line.deps_len : 0, &n_features);
		add_line(out, &line, &state);
		yanked += line.yanked;
		next_version(&version, &state);
	}
	if (deps.text.failed || features.text.failed)
		out->failed = true;
	return yanked;
}
