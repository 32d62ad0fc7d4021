/* SPDX-License-Identifier: Apache-2.0 */
/* impact_json.c: see impact_json.h. */
#include "store/impact_json.h"

#include "model/index_path.h"

#include <stdio.h>
#include <string.h>

#define VERSION_LETTERS "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.+-"
#define COMMAND_MAX 1024
#define PATH_SHOWN_MAX 64 /* names */

/* ---- the command ---- */

/* People paste it into a shell: what is not made of such letters has no place in it. */
static bool is_harmless(const char *version)
{
	return *version && *version != '-' && version[strspn(version, VERSION_LETTERS)] == '\0';
}

static bool has_several(const struct lock *lock, const char *name)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < lock->n_packages && n < 2; i++)
		n += strcmp(lock_text_at(lock, lock->packages[i].name), name) == 0;
	return n > 1;
}

/* `at`: of the locked version where its name alone is not enough, "" = it is. `to`: "" = cargo chooses. */
static void put_command(struct json_writer *w, const char *name, const char *at, const char *to)
{
	char text[COMMAND_MAX];

	if (!crate_name_valid(name) || (*at && !is_harmless(at)) || (*to && !is_harmless(to)))
		return;
	int len = snprintf(text, sizeof text, "cargo update -p %s%s%s%s%s", name, *at ? "@" : "", at,
			   *to ? " --precise " : "", to);
	if (len > 0 && (size_t)len < sizeof text)
		json_put_string(w, "command", text);
}

/* ---- a finding ---- */

static void put_requirements(struct json_writer *w, const struct impact *impact)
{
	json_open(w, "requirements", '[');
	for (size_t i = 0; i < impact->n_demands; i++)
		json_put_string(w, NULL, impact->demands[i].requirement);
	json_close(w, ']');
	if (impact->assumed)
		json_put_bool(w, "assumed", true);
}

static void put_picks(struct json_writer *w, const struct impact *impact)
{
	if (impact->would_pick)
		json_put_string(w, "would_pick", impact->would_pick);
	if (!impact->splits)
		return;
	json_open(w, "picks", '[');
	for (size_t i = 0; i < impact->n_demands; i++) {
		json_open(w, NULL, '{');
		json_put_string(w, "requirement", impact->demands[i].requirement);
		if (impact->demands[i].pick)
			json_put_string(w, "version", impact->demands[i].pick);
		json_close(w, '}');
	}
	json_close(w, ']');
}

/* Of a long one the middle is left out: a hostile lockfile has one of a hundred thousand. */
static void put_path(struct json_writer *w, const struct lock *lock, const struct impact *impact)
{
	const size_t half = PATH_SHOWN_MAX / 2;

	json_open(w, "path", '[');
	for (size_t i = 0; i < impact->n_path; i++) {
		if (i == half && impact->n_path > PATH_SHOWN_MAX) {
			json_put_string(w, NULL, "…");
			i = impact->n_path - half;
		}
		json_put_string(w, NULL, lock_text_at(lock, lock->packages[impact->path[i]].name));
	}
	json_close(w, ']');
}

void impact_put_finding(struct strbuf *out, const struct impact_place *place, const struct impact_crate *crate,
			const char *version, const struct lock *lock, const struct impact *impact,
			enum severity severity)
{
	struct json_writer w = {.out = out};

	json_open(&w, NULL, '{');
	if (*place->project)
		json_put_string(&w, "project", place->project);
	if (*place->team)
		json_put_string(&w, "team", place->team);
	if (place->several && *place->path)
		json_put_string(&w, "lockfile", place->path);
	json_put_bool(&w, "locked", impact->locked);
	put_requirements(&w, impact);
	json_put_string(&w, "severity", severity_name(severity));
	put_picks(&w, impact);
	put_path(&w, lock, impact);
	if (impact->locked && impact->would_pick)
		put_command(&w, crate->name, has_several(lock, crate->name) ? version : "",
			    impact->splits ? "" : impact->would_pick);
	json_close(&w, '}');
}

void impact_put_members(struct json_writer *w, const struct strbuf *object)
{
	if (object->len <= 2) /* "{}" */
		return;
	if (w->comma)
		strbuf_addc(w->out, ',');
	strbuf_add(w->out, strbuf_str(object) + 1, object->len - 2);
	w->comma = true;
}

/* ---- a replacement ---- */

void impact_put_replacement(struct json_writer *w, const struct impact_crate *crate, const char *version)
{
	struct impact_replacement replacement = impact_replacement(version, crate->versions, crate->n_versions);

	json_put_int(w, "usable_versions", (int64_t)replacement.usable);
	if (!replacement.version)
		return;
	json_open(w, "replacement", '{');
	json_put_string(w, "version", replacement.version);
	json_put_bool(w, "compatible", replacement.compatible);
	if (replacement.compatible) /* to another one cargo moves only when Cargo.toml says so */
		put_command(w, crate->name, "", replacement.version);
	json_close(w, '}');
}
