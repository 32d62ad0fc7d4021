/* SPDX-License-Identifier: Apache-2.0 */
/*
 * try.h: one delivery by hand, for who writes a plugin: yankwatch-notify plays the
 * daemon to a runner of its own, with the sandbox and the frames of a real one, and
 * prints what comes. Never called when the daemon runs.
 */
#pragma once

#include "base/err.h"

#define TRY_OPTIONS_MAX 256
#define TRY_DEADLINE_MS 30000

/*
 * `given` are KEY=VALUE as the configuration would have them; of a list each item is
 * one. Prints to standard output. *ret_delivered: the result was ok. ERR_…: there is
 * no result.
 */
MUST_CHECK int try_run(const char *plugin_path, size_t n_given, char *const *given, bool *ret_delivered,
		       struct err *err);
