/* SPDX-License-Identifier: Apache-2.0 */
/* toml_limits.h: is a text one that toml++ reads in little time and memory? Looked at before it is. For toml.cpp. */
#pragma once

#include "base/err.h"

/* ERR_LIMIT: "line 12: …" */
MUST_CHECK int toml_limits_check(const char *text, size_t len, struct err *err);
