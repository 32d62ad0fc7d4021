/* SPDX-License-Identifier: Apache-2.0 */
/* event_filters.c: see event_filters.h. */
#include "event_filters.h"

#include "base/numbers.h"
#include "moment.h"

void event_filters_add(struct strbuf *path, const struct args *args)
{
	static const char *const as_they_are[] = {"crate", "registry", "version", "project", "event"};

	for (size_t i = 0; i < ARRAY_LEN(as_they_are); i++)
		http_add_query(path, as_they_are[i], args_value(args, as_they_are[i]));
}

int moment_read(const struct args *args, const char *key, int64_t *ret_ms, struct err *err)
{
	const char *text = args_value(args, key);

	*ret_ms = 0;
	if (text && !moment_parse(text, MOMENT_AGO, ret_ms))
		return err_set(err, ERR_BAD,
			       "--%s: %s: no time: 2h or 7d (ago), a date, \"2026-11-21 09:30\" or RFC 3339", key,
			       text);
	return 0;
}

static int add_moment(struct strbuf *path, const struct args *args, const char *key, struct err *err)
{
	char rfc3339[TIME_TEXT_MAX];
	int64_t wall_ms;

	int rc = moment_read(args, key, &wall_ms, err);
	if (!rc && wall_ms)
		http_add_query(path, key, time_format_rfc3339(wall_ms, rfc3339));
	return rc;
}

int event_times_add(struct strbuf *path, const struct args *args, struct err *err)
{
	int rc = add_moment(path, args, "since", err);
	return rc ? rc : add_moment(path, args, "until", err);
}

int event_after_read(const struct args *args, int64_t *ret, struct err *err)
{
	const char *text = args_value(args, "after");
	uint64_t seq = 0;

	if (text && !number_parse_u64(text, INT64_MAX, &seq))
		return err_set(err, ERR_BAD, "--after: %s: not an event's seq", text);
	*ret = (int64_t)seq;
	return 0;
}
