/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mustache.h: templates in the language of mustache(5), filled from a cJSON tree.
 * Of the language: {{name}}, {{{name}}}, {{&name}}, {{.}}, {{#list}}…{{/list}},
 * {{^list}}…{{/list}} and {{! comments}}, with its rule that a name is looked for
 * outwards. Not: partials, other delimiters, lambdas, names with dots, and the
 * rule about tags alone on a line. Why it is ours: docs/decisions/010-templates.md.
 */
#pragma once

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdio.h>

#define MUSTACHE_DEPTH_MAX 16     /* sections within sections */
#define MUSTACHE_ERROR_MAX 256    /* bytes of an error's text */
#define MUSTACHE_TEXT_MAX 1048576 /* bytes of a template */

struct mustache;

/* Is this a name that the caller's trees may hold? A misspelt one would be empty for ever. */
typedef bool mustache_known(const char *name);

/* Writes one value where its tag stands; `raw`: it was {{{name}}} or {{&name}}. */
typedef void mustache_put(void *arg, FILE *out, const char *value, bool raw);

/*
 * The text is copied. NULL with one sentence in `error` ("line 3: {{#events}} is
 * never closed") when it is no template, or when memory is short. The caller frees
 * with mustache_free(), which takes NULL, too.
 */
struct mustache *mustache_parse(const char *text, mustache_known *known, char error[MUSTACHE_ERROR_MAX]);
void mustache_free(struct mustache *template);

/*
 * Strings and whole numbers are values. null, false, "", an empty list and what is
 * missing are nothing: no value, no section. Errors of `out` are the caller's.
 */
void mustache_render(const struct mustache *template, const cJSON *view, mustache_put *put, void *arg, FILE *out);
