/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cargo_config.h: the key `from_cargo_config`: cargo's own configuration says which registries there are, what they
 * mirror, and, in a credentials.toml beside it, with which token they are asked. What it says becomes nodes as if they
 * stood in the section `registries`, so that the same rules hold and faults name the file and line of cargo's.
 *
 * Of the Cargo book, "Configuration" and "Source replacement": [registries.NAME] index and token, [source.NAME]
 * registry and replace-with. Other files that belong to cargo's and the environment are not looked at. Called by
 * load.c.
 */
#pragma once

#include "base/toml.h"
#include "config/build.h"

#define CARGO_CONFIG_MAX (1u << 20) /* bytes; also of the credentials */

struct cargo_config {           /* zeroed but for `own` is empty */
	const struct node *own; /* the section `registries`; NULL: none. Its names win */
	const char *path;       /* NULL: there is no such key */
	struct toml_doc *doc;   /* owned */
};

void cargo_config_release(struct cargo_config *cargo);

/* `key` names the file. The registries of the configuration, then cargo's, as one mapping; `own` after a fault. */
const struct node *cargo_config_read(const struct build *build, const struct node *key, struct cargo_config *cargo);

/* After registries_read(): the tokens of those that are cargo's. */
void cargo_config_tokens(const struct build *build, const struct cargo_config *cargo);

/* For cargo_config.c and cargo_tokens.c: reads a file of cargo's; NULL: it cannot be, which a fault tells. */
struct toml_doc *cargo_config_parse(const struct build *build, const char *path, unsigned forbidden);
