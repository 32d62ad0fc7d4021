/* SPDX-License-Identifier: Apache-2.0 */
/*
 * web_api.h: the URLs of a registry's web API and whose they are. Pure. Source: the Cargo book, "Registry index"
 * (`api` of config.json), and crates.io's `/api/v1/crates/{name}/versions` and `…/owners`.
 */
#pragma once

#include "base/strbuf.h"

#define WEB_API_URL_MAX 1024  /* bytes of an API's base */
#define WEB_API_NUMS_MAX 6000 /* bytes of the versions in one request: servers refuse longer lines than 8 kB */

/* `text` as the base of an API, appended to `out`, always in the same form, since it is whose budget is shared: the
 * host in small letters, without a port that goes without saying, without slashes at the end. False: it is none;
 * http:// or https://, a host, and no blanks, control bytes, ?, # or @. */
bool web_api_base(const char *text, struct strbuf *out);

/* Its host is crates.io or below it: there is one request a second for all. */
bool web_api_is_crates_io(const char *url);

/* Scheme, host and port are the same: what is secret to one is no secret to the other. */
bool web_api_same_origin(const char *url, const char *other);

void web_api_put_versions(struct strbuf *out, const char *base, const char *crate);
void web_api_put_owners(struct strbuf *out, const char *base, const char *crate);

/* Appends "?nums[]=…" of as many of the first versions as have room, at least one; returns how many. */
size_t web_api_put_nums(struct strbuf *out, const char *const *versions, size_t n);
