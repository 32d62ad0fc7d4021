/* SPDX-License-Identifier: Apache-2.0 */
/*
 * describe.h: what a plugin declares, as one JSON object. yankwatchd asks for it
 * to check a notifier's options without loading the plugin itself.
 */
#pragma once

#include "base/strbuf.h"

#include <yankwatch/notifier.h>

/*
 * Appends {"abi", "name", "version", "summary", "options": [{"name", "type",
 * "required", "secret", "or_file", "default"?, "help"}…]}. The plugin is checked.
 */
void describe_plugin(const struct yw_notifier *plugin, struct strbuf *out);
