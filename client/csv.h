/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csv.h: events as RFC 4180 has tables: fields in quotes where they need them, CR LF. What a
 * spreadsheet would take for a formula (= + - @, tab, CR at its begin) has an apostrophe before
 * it: names and texts are a registry's, and so an attacker's. For cmd_export.c.
 */
#pragma once

#include "base/json.h"
#include "base/strbuf.h"

void csv_write_head(struct strbuf *out);
void csv_write_event(struct strbuf *out, const cJSON *event);
