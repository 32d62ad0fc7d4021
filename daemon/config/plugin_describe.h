/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plugin_describe.h: asks a plugin what it declares, by running
 * `yankwatch-notify --describe PLUGIN.so`: no code of a plugin is ever loaded
 * into the daemon.
 */
#pragma once

#include "base/err.h"
#include "base/strbuf.h"

#define PLUGIN_DESCRIPTION_MAX (256u << 10) /* bytes */
#define PLUGIN_DESCRIBE_MS 5000             /* then it and all that it started are killed */

/*
 * Appends what the program printed. Blocks, at most for the deadline; nothing of
 * it is left running. ERR_IO (cannot be run), ERR_BAD (failed, too slow), ERR_LIMIT,
 * ERR_NOMEM.
 */
MUST_CHECK int plugin_describe(const char *program, const char *plugin, struct strbuf *out, struct err *err);
