/* SPDX-License-Identifier: Apache-2.0 */
/* arguments.c: see arguments.h. */
#include "api/arguments.h"

#include "base/numbers.h"
#include "model/words.h"
#include "store/query.h"

#include <string.h>

#define PAGE_DEFAULT 100

int argument_number(const struct request *request, const char *name, uint64_t max, uint64_t absent, uint64_t *ret,
		    struct err *err)
{
	const char *text = request->argument(request, name);

	*ret = absent;
	if (text && !number_parse_u64(text, max, ret))
		return err_set(err, ERR_BAD, "%s: \"%.40s\" is not a number from 0 to %llu", name, text,
			       (unsigned long long)max);
	return 0;
}

int argument_limit(const struct request *request, unsigned *ret, struct err *err)
{
	uint64_t limit;

	int rc = argument_number(request, "limit", QUERY_LIMIT_MAX, PAGE_DEFAULT, &limit, err);
	if (!rc && limit == 0)
		rc = err_set(err, ERR_BAD, "limit: 0 is not allowed, 1 to %d are", QUERY_LIMIT_MAX);
	*ret = (unsigned)limit;
	return rc;
}

int argument_after(const struct request *request, int64_t *ret, struct err *err)
{
	uint64_t after;

	int rc = argument_number(request, "after", INT64_MAX, 0, &after, err);
	*ret = (int64_t)after;
	return rc;
}

int argument_time(const struct request *request, const char *name, int64_t *ret_ms, struct err *err)
{
	const char *text = request->argument(request, name);

	if (text && !time_parse_rfc3339(text, ret_ms))
		return err_set(err, ERR_BAD, "%s: \"%.40s\" is not an RFC 3339 time", name, text);
	return 0;
}

int argument_flag(const struct request *request, const char *name, bool *ret, struct err *err)
{
	const char *text = request->argument(request, name);

	*ret = text && strcmp(text, "true") == 0;
	if (text && !*ret && strcmp(text, "false") != 0)
		return err_set(err, ERR_BAD, "%s: \"%.40s\" is neither true nor false", name, text);
	return 0;
}

int argument_severity(const struct request *request, const char *name, enum severity *ret, struct err *err)
{
	const char *text = request->argument(request, name);

	if (text && !severity_parse(text, ret))
		return err_set(err, ERR_BAD, "%s: \"%.40s\" is none, allowed: info, low, medium, high, critical", name,
			       text);
	return 0;
}

int kind_parse(const char *name, enum event_kind *ret, struct err *err)
{
	OWNED_STRBUF struct strbuf kinds = {0};

	if (event_kind_parse(name, ret))
		return 0;
	for (size_t i = 0; i < EVENT_KINDS; i++)
		strbuf_addf(&kinds, "%s%s", i ? ", " : "", event_kind_name((enum event_kind)i));
	return err_set(err, ERR_BAD, "event: there is no kind \"%.40s\", allowed: %s", name, strbuf_str(&kinds));
}

int argument_kinds(const struct request *request, uint32_t *ret, struct err *err)
{
	const char *text = request->argument(request, "event");
	OWNED_MEM char *copy = strdup(text ? text : "");
	char *rest = copy;
	char *name;

	if (!copy)
		return err_nomem(err);
	while (*copy && (name = strsep(&rest, ","))) {
		enum event_kind kind;
		int rc = kind_parse(name, &kind, err);
		if (rc)
			return rc;
		*ret |= 1u << kind;
	}
	return 0;
}

int request_notifier(const struct request *request, const char *name, const struct config_notifier **ret,
		     struct err *err)
{
	OWNED_STRBUF struct strbuf advice = {0};
	struct names names = notifiers_names(request->config);
	size_t i;

	if (names_find(&names, name, &i)) {
		*ret = &request->config->notifiers[i];
		return 0;
	}
	names_advise(&names, name, &advice);
	return err_set(err, ERR_ABSENT, "there is no notifier \"%.64s\"%s", name, strbuf_str(&advice));
}
