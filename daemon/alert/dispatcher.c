/* SPDX-License-Identifier: Apache-2.0 */
/* dispatcher.c: see dispatcher.h. A list; what each notifier does is notifier.c's. */
#include "alert/dispatcher.h"

#include <string.h>

struct entry {
	struct notifier *notifier;
	struct entry *next;
};

struct dispatcher {
	struct loop *loop;
	char *program;
	struct notifier_sink sink;
	struct entry *entries;
};

/* ---- configuration ---- */

static const struct config_notifier *configured(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->n_notifiers; i++)
		if (strcmp(config->notifiers[i].name, name) == 0)
			return &config->notifiers[i];
	return NULL;
}

static bool is_running(const struct dispatcher *dispatcher, const char *name)
{
	for (const struct entry *entry = dispatcher->entries; entry; entry = entry->next)
		if (!notifier_is_retired(entry->notifier) && strcmp(notifier_name(entry->notifier), name) == 0)
			return true;
	return false;
}

/* Out of use; a delivery under way still ends by itself and is recorded. */
static void retire_changed(struct dispatcher *dispatcher, const struct config *config)
{
	for (struct entry *entry = dispatcher->entries; entry; entry = entry->next) {
		const struct config_notifier *wanted = configured(config, notifier_name(entry->notifier));
		if (!notifier_is_retired(entry->notifier) &&
		    (!wanted || !notifier_has_settings(entry->notifier, wanted)))
			notifier_retire(entry->notifier);
	}
}

static int add(struct dispatcher *dispatcher, const struct config_notifier *config, struct err *err)
{
	struct entry *entry = calloc(1, sizeof *entry);

	if (!entry)
		return err_nomem(err);
	int rc = notifier_new(dispatcher->loop, dispatcher->program, config, &dispatcher->sink, &entry->notifier, err);
	if (rc) {
		free(entry);
		return rc;
	}
	entry->next = dispatcher->entries;
	dispatcher->entries = entry;
	return 0;
}

static void collect_retired(struct dispatcher *dispatcher)
{
	struct entry **link = &dispatcher->entries;

	while (*link) {
		struct entry *entry = *link;
		if (!notifier_is_retired(entry->notifier) || !notifier_is_gone(entry->notifier)) {
			link = &entry->next;
			continue;
		}
		*link = entry->next;
		notifier_free(entry->notifier);
		free(entry);
	}
}

int dispatcher_configure(struct dispatcher *dispatcher, const struct config *config, struct err *err)
{
	int rc = 0;

	retire_changed(dispatcher, config);
	for (size_t i = 0; i < config->n_notifiers && !rc; i++)
		if (!is_running(dispatcher, config->notifiers[i].name))
			rc = add(dispatcher, &config->notifiers[i], err);
	collect_retired(dispatcher);
	return rc;
}

/* ---- life ---- */

int dispatcher_new(struct loop *loop, const char *notify_program, const struct notifier_sink *sink,
		   struct dispatcher **ret, struct err *err)
{
	struct dispatcher *dispatcher = calloc(1, sizeof *dispatcher);

	if (!dispatcher)
		return err_nomem(err);
	*dispatcher = (struct dispatcher){.loop = loop, .sink = *sink, .program = strdup(notify_program)};
	if (!dispatcher->program) {
		free(dispatcher);
		return err_nomem(err);
	}
	*ret = dispatcher;
	return 0;
}

void dispatcher_free(struct dispatcher *dispatcher)
{
	if (!dispatcher)
		return;
	while (dispatcher->entries) {
		struct entry *entry = dispatcher->entries;
		dispatcher->entries = entry->next;
		notifier_free(entry->notifier);
		free(entry);
	}
	free(dispatcher->program);
	free(dispatcher);
}

static void for_each(struct dispatcher *dispatcher, void (*fn)(struct notifier *notifier))
{
	for (struct entry *entry = dispatcher->entries; entry; entry = entry->next)
		fn(entry->notifier);
}

static bool all(const struct dispatcher *dispatcher, bool (*is)(const struct notifier *notifier))
{
	for (const struct entry *entry = dispatcher->entries; entry; entry = entry->next)
		if (!is(entry->notifier))
			return false;
	return true;
}

void dispatcher_wake(struct dispatcher *dispatcher, bool asked)
{
	for (struct entry *entry = dispatcher->entries; entry; entry = entry->next)
		notifier_wake(entry->notifier, asked);
}

void dispatcher_reap(struct dispatcher *dispatcher)
{
	for_each(dispatcher, notifier_reap);
	collect_retired(dispatcher);
}

void dispatcher_drain(struct dispatcher *dispatcher)
{
	for_each(dispatcher, notifier_drain);
}

void dispatcher_stop(struct dispatcher *dispatcher)
{
	for_each(dispatcher, notifier_stop);
}

bool dispatcher_is_quiet(const struct dispatcher *dispatcher)
{
	return all(dispatcher, notifier_is_quiet);
}

bool dispatcher_is_settled(const struct dispatcher *dispatcher)
{
	return all(dispatcher, notifier_is_settled);
}

bool dispatcher_is_gone(const struct dispatcher *dispatcher)
{
	return all(dispatcher, notifier_has_no_process);
}

bool dispatcher_had_failures(const struct dispatcher *dispatcher)
{
	for (const struct entry *entry = dispatcher->entries; entry; entry = entry->next)
		if (notifier_had_failures(entry->notifier))
			return true;
	return false;
}

void dispatcher_status(const struct dispatcher *dispatcher, struct json_writer *w)
{
	json_open(w, "notifiers", '[');
	for (const struct entry *entry = dispatcher->entries; entry; entry = entry->next)
		if (!notifier_is_retired(entry->notifier))
			notifier_status(entry->notifier, w);
	json_close(w, ']');
}
