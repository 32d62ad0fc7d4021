/* SPDX-License-Identifier: Apache-2.0 */
/*
 * declare.h: what a plugin declares, learnt before it is loaded here. A child loads
 * and describes it and may do nothing else; so the sandbox of the process that then
 * loads it for good is whole before any code of the plugin runs in it.
 */
#pragma once

#include "base/json.h"

#define DECLARATION_MAX (512u << 10) /* bytes of JSON */

/*
 * *ret is what describe_plugin() wrote in the child; the caller frees it. Waits for
 * as long as the child takes: the daemon guards the time. ERR_BAD with the child's
 * own words, ERR_LIMIT, ERR_IO, ERR_NOMEM.
 */
MUST_CHECK int declare_ask(const char *plugin_path, cJSON **ret, struct err *err);

/* The same as its text, into `ret`, whose limit is the caller's. */
MUST_CHECK int declare_ask_text(const char *plugin_path, struct strbuf *ret, struct err *err);
