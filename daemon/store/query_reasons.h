/* SPDX-License-Identifier: Apache-2.0 */
/* query_reasons.h: why a version was yanked, in its crate's document. Internal to the queries. */
#pragma once

#include "store/reason_rows.h"

/* Adds "reason", what is known now of a version that is yanked, and "earlier_reasons", oldest first; nothing where
 * there is none. `list`: all of the crate. */
void query_put_reasons(struct json_writer *w, const struct reason_list *list, const char *version, bool is_yanked);
