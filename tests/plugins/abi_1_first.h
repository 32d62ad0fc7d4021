/* SPDX-License-Identifier: Apache-2.0 */
/*
 * abi_1_first.h: the structs of notifier.h as the first release of ABI 1 had them, and
 * never to be changed: a plugin that was built with them must work for as long as
 * ABI 1 does. oldest.c is one; test_notify_abi.c compares them with today's.
 */
#ifndef ABI_1_FIRST_H
#define ABI_1_FIRST_H

#include <stddef.h>
#include <stdint.h>

struct yw1_option {
	const char *name;
	int type;
	uint32_t flags;
	const char *default_value;
	const char *help;
};

struct yw1_value {
	const char *name;
	const char *text;
	int64_t integer;
	const char *const *items;
	size_t n_items;
};

struct yw1_options {
	size_t size;
	const struct yw1_value *values;
	size_t n_values;
	const char *notifier;
};

struct yw1_host {
	size_t size;
	void (*log)(const struct yw1_host *host, int level, const char *line);
	int64_t (*deadline_left_ms)(const struct yw1_host *host);
};

struct yw1_event {
	size_t size;
	const char *id;
	uint64_t seq;
	const char *at;
	const char *registry;
	const char *crate;
	const char *version;
	const char *event;
	const char *severity;
	const char *checksum;
	const char *document;
};

struct yw1_message {
	size_t size;
	const char *id;
	uint32_t attempt;
	const char *subject;
	const char *document;
	size_t document_len;
	const struct yw1_event *const *events;
	size_t n_events;
};

struct yw1_result {
	size_t size;
	int outcome;
	int64_t retry_after_ms;
	char text[1024];
};

struct yw1_notifier {
	uint32_t abi_version;
	uint32_t size;
	const char *name;
	const char *version;
	const char *summary;
	const struct yw1_option *options;
	size_t n_options;
	void *(*open)(const struct yw1_options *options, const struct yw1_host *host, char *error);
	void (*deliver)(void *self, const struct yw1_message *message, struct yw1_result *result);
	void (*close)(void *self);
};

#endif
