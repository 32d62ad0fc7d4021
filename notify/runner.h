/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner.h: the life of yankwatch-notify as a runner: wait for "open", load and
 * open the plugin, deliver what comes, close it when the daemon closes its end.
 */
#pragma once

#include "base/err.h"

/*
 * Returns 0 after the daemon closed its end. On an error the daemon has been
 * told by a "failed" frame, where it still listens.
 */
MUST_CHECK int runner_run(const char *plugin_path, int fd, struct err *err);
