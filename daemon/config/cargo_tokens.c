/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cargo_tokens.c: the tokens of cargo's registries: from credentials.toml beside its configuration, or from that
 * itself, as cargo looks for them. A file that holds one must not be open to others.
 */
#include "config/cargo_config.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file that may hold tokens. */
struct holder {
	const char *path;
	const struct toml_node *registries;
};

static struct place place_of(const struct build *build, const struct holder *holder, const char *name,
			     const struct toml_node *token)
{
	OWNED_STRBUF struct strbuf key = {0};

	strbuf_addf(&key, "registries.%s.token", name);
	return (struct place){
		.line = toml_line(token), .file = holder->path, .key = pool_strdup(build->scratch, strbuf_str(&key))};
}

static void keep(const struct build *build, struct holder *holder, struct config_registry *registry,
		 const struct toml_node *token)
{
	struct place place = place_of(build, holder, registry->name, token);
	OWNED_STRBUF struct strbuf stamp = {0};
	struct file_bytes bytes;
	struct err err;

	bytes.text = pool_strdup(build->pool, toml_string(token));
	bytes.len = bytes.text ? strlen(bytes.text) : 0;
	if (file_check(holder->path, S_IRWXO, &stamp, &err))
		fault_add(build->faults, (struct place){.file = holder->path}, "%s", err.text);
	else if (bytes.text)
		registry_keep_token(build, place, registry, &bytes);
}

/* The first of both that has one. */
static void find_token(const struct build *build, struct holder *holders, size_t n, struct config_registry *registry)
{
	for (size_t i = 0; i < n; i++) {
		const struct toml_node *token = toml_get(toml_get(holders[i].registries, registry->name), "token");
		if (toml_string(token)) {
			keep(build, &holders[i], registry, token);
			return;
		}
	}
}

/* "credentials" is how cargo called it before 2021. NULL: there is none. */
static const char *find_credentials(struct pool *pool, const char *config)
{
	static const char *const names[] = {"credentials", "credentials.toml"};
	const char *slash = strrchr(config, '/');

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		OWNED_STRBUF struct strbuf path = {0};
		strbuf_add(&path, config, slash ? (size_t)(slash + 1 - config) : 0);
		strbuf_adds(&path, names[i]);
		if (access(strbuf_str(&path), F_OK) == 0)
			return pool_strdup(pool, strbuf_str(&path));
	}
	return NULL;
}

void cargo_config_tokens(const struct build *build, const struct cargo_config *cargo)
{
	OWNED_TOML struct toml_doc *credentials = NULL;
	struct config *config = build->config;
	struct holder holders[2] = {{.path = cargo->path}};
	size_t own = cargo->own ? cargo->own->count : 0;

	if (!cargo->doc || config->n_registries == own)
		return;
	holders[1] = (struct holder){.path = cargo->path, .registries = toml_get(toml_root(cargo->doc), "registries")};
	holders[0].path = find_credentials(build->scratch, cargo->path);
	json_put_string(build->hidden, NULL, cargo->path);
	if (holders[0].path) {
		json_put_string(build->hidden, NULL, holders[0].path);
		credentials = cargo_config_parse(build, holders[0].path, S_IRWXO);
	}
	if (credentials)
		holders[0].registries = toml_get(toml_root(credentials), "registries");
	for (size_t i = own; i < config->n_registries; i++)
		if (config->registries[i].index_url)
			find_token(build, holders, ARRAY_LEN(holders), &config->registries[i]);
}
