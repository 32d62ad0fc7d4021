/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arguments.h: what stands behind the `?` of a request, read and checked. Called
 * by the handlers; an argument that is not given leaves its default. Each error
 * is ERR_BAD and says which argument is wrong and what is allowed.
 */
#pragma once

#include "api/request.h"
#include "model/words.h"

MUST_CHECK int argument_number(const struct request *request, const char *name, uint64_t max, uint64_t absent,
			       uint64_t *ret, struct err *err);
MUST_CHECK int argument_limit(const struct request *request, unsigned *ret, struct err *err); /* of a page */
MUST_CHECK int argument_after(const struct request *request, int64_t *ret, struct err *err);  /* a page's cursor */
MUST_CHECK int argument_time(const struct request *request, const char *name, int64_t *ret_ms, struct err *err);
MUST_CHECK int argument_flag(const struct request *request, const char *name, bool *ret, struct err *err);

/* The word of a severity; *ret stays when it is not given. */
MUST_CHECK int argument_severity(const struct request *request, const char *name, enum severity *ret, struct err *err);

/* The configured notifier of that name. ERR_ABSENT, with a name that is near, or all there are. */
MUST_CHECK int request_notifier(const struct request *request, const char *name, const struct config_notifier **ret,
				struct err *err);

/* `event`: "yanked,unyanked" as bits 1 << enum event_kind, added to *ret. */
MUST_CHECK int argument_kinds(const struct request *request, uint32_t *ret, struct err *err);
MUST_CHECK int kind_parse(const char *name, enum event_kind *ret, struct err *err); /* one; tells what is allowed */
