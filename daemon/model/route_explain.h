/* SPDX-License-Identifier: Apache-2.0 */
/*
 * route_explain.h: why a route does not take an event, and when what it takes is
 * told, in words for people. Pure. For `yankwatch route explain`.
 */
#pragma once

#include "base/strbuf.h"
#include "model/route.h"

/* Appends "crates: demo matches none of serde, tokio*"; nothing when the route matches. */
void route_write_miss(const struct route *route, const struct routed_event *event, struct strbuf *out);

/* Appends "at once", "30s after the first of its crate", "daily at 08:30, by registry". */
void grouping_write_words(const struct grouping *grouping, struct strbuf *out);
