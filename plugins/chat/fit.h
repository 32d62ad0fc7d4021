/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fit.h: a message as the JSON that a service takes: as much of it as its limits
 * let through. What is left out is counted in it, never lost unsaid. Pure.
 */
#pragma once

#include "lib/mustache.h"
#include "service.h"
#include "view.h"

#define FIT_ERROR_MAX MUSTACHE_ERROR_MAX

/*
 * The JSON, without needless blanks; the caller frees it. NULL with one sentence in
 * `error`: the template gives no JSON, or one that is too long even without events.
 * NULL with none: memory is short.
 */
char *fit_body(const struct mustache *template, const struct service *service, const struct view_options *options,
	       const struct yw_message *message, char error[FIT_ERROR_MAX]);

/* Does the template give JSON, whatever is told? False with `error` as above. */
bool fit_try(const struct mustache *template, const struct service *service, const struct view_options *options,
	     char error[FIT_ERROR_MAX]);
