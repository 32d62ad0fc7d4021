/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plugin_schema.h: what a plugin declares, as rows of schema.h, so that its
 * options are checked and told like our own. Asked once for each plugin.
 */
#pragma once

#include "base/json.h"
#include "config/pool.h"
#include "config/schema.h"

#define PLUGIN_OPTIONS_MAX 64

/* An option whose value may or must stand in a file. */
struct plugin_file_option {
	const char *name, *name_file;
	bool required;
	bool secret; /* the file alone; otherwise either */
};

struct plugin_schema {
	const char *path;
	const char *fault;       /* why it cannot be used; NULL when it can */
	struct schema_row *rows; /* of a notifier's whole mapping; none is stored */
	size_t n_rows;
	struct plugin_file_option *files;
	size_t n_files;
	struct plugin_schema *next;
};

/* Of the plugin at `path`: from *known, or asked for and added there. NULL: out of memory. */
const struct plugin_schema *plugin_schema_get(struct plugin_schema **known, const char *notify_program,
					      const char *path, struct pool *pool);

/*
 * Checks the options of `notifier` and the files they name, whose state is added to
 * `stamp` and whose paths to the array `hidden`. Returns the JSON object of frames.h
 * "open" as a text of `pool`, NULL after a fault.
 */
const char *plugin_options_read(const struct plugin_schema *plugin, const struct node *notifier, struct pool *pool,
				struct strbuf *stamp, struct json_writer *hidden, struct faults *faults);
