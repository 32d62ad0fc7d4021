/* SPDX-License-Identifier: Apache-2.0 */
/*
 * options.c: first every key of the configuration must belong to a row of the
 * schema, then each row finds its value: inline, in a file, or its default.
 */
#include "options.h"

#include "schema.h"
#include "value_file.h"

#include <stdio.h>
#include <string.h>

#define KEY_MAX 128

struct options {
	struct yw_options view;
	struct yw_value *values; /* what view.values points to; texts and items are heap strings */
};

static const char *file_key(const struct yw_option *option, char key[static KEY_MAX])
{
	(void)snprintf(key, KEY_MAX, "%s" SCHEMA_FILE_SUFFIX, option->name);
	return key;
}

static int check_keys(const struct yw_option *schema, size_t n_schema, const cJSON *config, struct err *err)
{
	const cJSON *member;

	cJSON_ArrayForEach (member, config) {
		size_t i = 0;
		while (i < n_schema && !schema_has_key(&schema[i], member->string))
			i++;
		if (i == n_schema)
			return err_set(err, ERR_BAD, "%.64s: the plugin has no such option", member->string);
	}
	return 0;
}

/* Takes `text`. */
static int set_text(const struct yw_option *option, char *text, struct yw_value *value, struct err *err)
{
	value->text = text;
	if (!text)
		return err_nomem(err);
	const char *allowed = schema_text_fault(option->type, text);
	return allowed ? err_set(err, ERR_BAD, "must be %s", allowed) : 0;
}

static int set_list(const cJSON *json, struct yw_value *value, struct err *err)
{
	int count = cJSON_GetArraySize(json);
	const cJSON *item;

	if (count > OPTION_LIST_MAX)
		return err_set(err, ERR_LIMIT, "%d items, at most %d", count, OPTION_LIST_MAX);
	const char **items = calloc((size_t)count + 1, sizeof *items);
	if (!items)
		return err_nomem(err);
	value->items = items;
	cJSON_ArrayForEach (item, json) {
		if (!cJSON_IsString(item))
			return err_set(err, ERR_BAD, "must be a list of strings");
		items[value->n_items] = strdup(item->valuestring);
		if (!items[value->n_items++])
			return err_nomem(err);
	}
	return 0;
}

/* A JSON number is a double: exact up to 2^53, as far as it is whole. */
static bool whole_number(const cJSON *json, int64_t *ret_number)
{
	double number = json->valuedouble;

	if (!cJSON_IsNumber(json) || !(number >= -0x1p53 && number <= 0x1p53))
		return false;
	*ret_number = (int64_t)number;
	return (double)*ret_number == number;
}

static int set_inline(const struct yw_option *option, const cJSON *json, struct yw_value *value, struct err *err)
{
	switch (option->type) {
	case YW_OPTION_STRING:
	case YW_OPTION_URL:
	case YW_OPTION_PATH:
		if (cJSON_IsString(json))
			return set_text(option, strdup(json->valuestring), value, err);
		break;
	case YW_OPTION_INTEGER:
		if (whole_number(json, &value->integer))
			return 0;
		break;
	case YW_OPTION_BOOLEAN:
		value->integer = cJSON_IsTrue(json);
		if (cJSON_IsBool(json))
			return 0;
		break;
	case YW_OPTION_LIST:
		if (cJSON_IsArray(json))
			return set_list(json, value, err);
		break;
	}
	return err_set(err, ERR_BAD, "must be of the type %s", schema_type_name(option->type));
}

static int set_from_file(const struct yw_option *option, const cJSON *json, struct yw_value *value, struct err *err)
{
	char *text = NULL;

	if (!cJSON_IsString(json))
		return err_set(err, ERR_BAD, "must be a path or credential:NAME");
	int rc = value_file_read(json->valuestring, option->flags & YW_OPTION_SECRET, &text, err);
	return rc ? rc : set_text(option, text, value, err);
}

static int set_default(const struct yw_option *option, struct yw_value *value, struct err *err)
{
	if (schema_type_is_text(option->type))
		return set_text(option, strdup(option->default_value), value, err);
	(void)schema_number(option->type, option->default_value, &value->integer);
	return 0;
}

/* 1 when the row has a value, 0 when it has none and needs none. */
static int set_value(const struct yw_option *option, const cJSON *config, struct yw_value *value, struct err *err)
{
	char name_file[KEY_MAX];
	const cJSON *inline_json = json_member(config, option->name);
	const cJSON *file_json = schema_may_be_file(option) ? json_member(config, file_key(option, name_file)) : NULL;
	int rc = 0;

	value->name = option->name;
	if (inline_json && !schema_may_be_inline(option))
		rc = err_set(err, ERR_BAD, "a secret is never inline: use %s" SCHEMA_FILE_SUFFIX, option->name);
	else if (inline_json && file_json)
		rc = err_set(err, ERR_BAD, "either this or %s, not both", name_file);
	else if (inline_json)
		rc = set_inline(option, inline_json, value, err);
	else if (file_json)
		rc = set_from_file(option, file_json, value, err);
	else if (option->default_value)
		rc = set_default(option, value, err);
	else if (option->flags & YW_OPTION_REQUIRED)
		rc = err_set(err, ERR_BAD, "is required");
	else
		return 0;
	return rc ? err_prefix(err, "%s", file_json ? name_file : option->name) : 1;
}

int options_new(const struct yw_option *schema, size_t n_schema, const cJSON *config, const char *notifier,
		struct options **ret, struct err *err)
{
	int rc = check_keys(schema, n_schema, config, err);
	if (rc)
		return rc;
	OWNED_OPTIONS struct options *options = calloc(1, sizeof *options);
	if (!options || !(options->values = calloc(n_schema + 1, sizeof *options->values)))
		return err_nomem(err);
	options->view =
		(struct yw_options){.size = sizeof options->view, .values = options->values, .notifier = notifier};
	for (size_t i = 0; i < n_schema; i++) {
		rc = set_value(&schema[i], config, &options->values[options->view.n_values], err);
		if (rc < 0)
			return rc;
		options->view.n_values += (size_t)rc;
	}
	*ret = TAKE(options);
	return 0;
}

static void value_release(struct yw_value *value)
{
	for (size_t i = 0; i < value->n_items; i++)
		free((char *)value->items[i]);
	free((void *)value->items);
	free((char *)value->text);
}

void options_free(struct options *options)
{
	/* One further than n_values: where a row failed half-way. */
	for (size_t i = 0; options->values && i <= options->view.n_values; i++)
		value_release(&options->values[i]);
	free(options->values);
	free(options);
}

const struct yw_options *options_view(const struct options *options)
{
	return &options->view;
}
