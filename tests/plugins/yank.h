/* SPDX-License-Identifier: Apache-2.0 */
/* yank.h: the yank that plugins' tests tell of. The facts are each test's own. */
#pragma once

#include <yankwatch/notifier.h>

/* clang-format off */
#define YANK_EVENT(facts_array)                                          \
	.size = sizeof(struct yw_event), .id = "evt_1", .seq = 4711,     \
	.at = "2026-11-21T09:30:00.123Z", .registry = "crates-io",       \
	.crate = "demo-crate", .version = "1.2.3", .event = "yanked",    \
	.severity = "high", .document = "{}",                            \
	.headline = "demo-crate 1.2.3 was yanked from crates-io",        \
	.facts = (facts_array),                                          \
	.n_facts = sizeof(facts_array) / sizeof((facts_array)[0])
/* clang-format on */
