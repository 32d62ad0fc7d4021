/* SPDX-License-Identifier: Apache-2.0 */
/*
 * build.h: the sections of the file, each a .c of its own with the rows of its
 * keys, and what they share while a configuration is built. load.c calls them in
 * this order: watches and routes refer to the names of the first two.
 *
 * A section goes on after a fault, so that all are told; what it leaves behind
 * then is thrown away and only has to be safe to look at.
 */
#pragma once

#include "base/json.h"
#include "config/config.h"
#include "config/faults.h"
#include "config/file.h"
#include "config/pool.h"
#include "config/schema.h"

#define REGISTRIES_MAX 64
#define SYSTEM_CA_FILE "/etc/ssl/certs/ca-certificates.crt"

struct build {
	struct config *config; /* filled */
	struct pool *pool;     /* lives as long as the configuration */
	struct pool *scratch;  /* lives as long as the build: the tree, plugins' schemas */
	struct faults *faults;
	struct faults *remarks; /* config->remarks */
	const struct config_paths *paths;
	struct json_writer *hidden; /* paths that no plugin sees, an array under way */
};

/* The keys of the file, and those of each entry of its lists and names. */
extern const struct schema config_schema, registry_schema, reasons_schema, notifier_schema, watch_schema,
	project_schema, route_schema;

/* Each takes the node of its key, NULL when the file has none. */
void registries_read(const struct build *build, const struct node *named);
void sources_read(const struct build *build, const struct node *named); /* of the registries: the same node */
/* What a registry's token_file holds, or cargo's credentials; the pool's. `place` is told when it is none. */
void registry_keep_token(const struct build *build, struct place place, struct config_registry *registry,
			 struct file_bytes *token);
/* The API that `reasons` of a registry's `entry` names is an https:// one. */
bool reasons_need_tls(const struct node *entry);
/* `reasons` of a registry whose index, certificates and `entry` are known. */
void reasons_read(const struct build *build, const struct node *entry, const char *ca_file,
		  struct config_registry *registry);
void notifiers_read(const struct build *build, const struct node *named);
void watches_read(const struct build *build, const struct node *list);
void projects_read(const struct build *build, const struct node *list);
void routes_read(const struct build *build, const struct node *list);

/* Faults of routes that nothing can reach, remarks on those that nothing reaches now. For routes.c. */
void routes_check(const struct build *build, const struct node *list);

/* Notifiers that nothing uses are faults. After the sections that use them, when they had none. */
void notifiers_check_use(const struct build *build, const struct node *named);

/* Opens the plugins of those that have no fault yet: what a plugin refuses is one. After hidden_json is made. */
void notifiers_try(const struct build *build, const struct node *named);

/* What a registry mirrors. For rows. */
const char *check_mirror_of(const char *text);
