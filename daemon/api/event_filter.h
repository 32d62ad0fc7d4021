/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event_filter.h: which events a request asks for. For the handlers that give them: a page,
 * an export, a stream.
 */
#pragma once

#include "api/request.h"
#include "store/query.h"

/* All but limit and reverse, which pages alone have. Borrows from the request. */
MUST_CHECK int event_filter_read(const struct request *request, struct event_filter *ret, struct err *err);

/* A crate or project that is not there and never was is answered with 404: ERR_ABSENT. */
MUST_CHECK int event_filter_check(struct request *request, const struct event_filter *filter, struct err *err);
