/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plugin.h: loads a plugin's shared object and believes nothing of it before its
 * ABI and its declaration are checked.
 */
#pragma once

#include "base/err.h"

#include <yankwatch/notifier.h>

/*
 * *ret is the plugin's own constant, checked, valid until the process ends: a
 * plugin is never unloaded, since threads and handlers of its libraries may
 * stay. ERR_IO (not loadable), ERR_BAD, ERR_LIMIT.
 */
MUST_CHECK int plugin_load(const char *path, const struct yw_notifier **ret, struct err *err);

/* The check of plugin_load() by itself. Pure. */
MUST_CHECK int plugin_check(const struct yw_notifier *plugin, struct err *err);

/* Of enum yw_needs; none for a plugin that is older than the field. Pure. */
uint32_t plugin_needs(const struct yw_notifier *plugin);
