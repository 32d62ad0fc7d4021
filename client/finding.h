/* SPDX-License-Identifier: Apache-2.0 */
/*
 * finding.h: a finding (docs/SOCKET.md) in words for people: what is wrong, for whom, and
 * what to do. For the commands that list findings and for the formats of `check`.
 */
#pragma once

#include "base/strbuf.h"
#include "model/words.h"
#include "style.h"

/* A block of lines. */
void finding_print(const struct style *style, const cJSON *finding);

/* "demo 1.2.3 is yanked in internal" */
void finding_write_state(const cJSON *finding, struct strbuf *out);
/* The same, and then "; cargo would pick 1.2.4: cargo update …" */
void finding_write_message(const cJSON *finding, struct strbuf *out);

enum severity finding_severity(const cJSON *finding); /* critical when it is none: better too loud */

/* As code scanning has it: "error" (high and above), "warning" or "note". */
const char *finding_level(const cJSON *finding);

/* Appends "1 critical, 2 high", worst first; of the array's items. */
void findings_write_counts(const cJSON *findings, struct strbuf *out);
