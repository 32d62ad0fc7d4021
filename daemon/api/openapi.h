/* SPDX-License-Identifier: Apache-2.0 */
/*
 * openapi.h: the rows of paths.c as a description that programs read (OpenAPI 3.1):
 * what a path takes and answers comes from its row, so the description cannot drift
 * from it; what the documents look like stands in openapi_components.json.
 */
#pragma once

#include "api/request.h"
#include "base/json.h"

/* The whole description; the caller owns it. NULL: out of memory. */
cJSON *openapi_make(const struct route_row *rows, size_t n);
