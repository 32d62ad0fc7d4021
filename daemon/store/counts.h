/* SPDX-License-Identifier: Apache-2.0 */
/*
 * counts.h: how much there is of everything, kept by triggers in the transaction of
 * what they count, so that to ask (query_counts.c, query_outbox.c) costs the same
 * however much it is.
 */
#pragma once

extern const char counts_schema[]; /* the schema's step 9 */
