/* SPDX-License-Identifier: Apache-2.0 */
/* frames.c: see frames.h. */
#include "model/frames.h"

#include "base/json.h"

#include <string.h>

static const char *const outcome_names[FRAME_OUTCOMES] = {
	[FRAME_OK] = "ok",
	[FRAME_RETRY] = "retry",
	[FRAME_REJECT] = "reject",
	[FRAME_DISABLE] = "disable",
};

const char *frame_outcome_name(enum frame_outcome outcome)
{
	return outcome_names[outcome];
}

bool frame_outcome_parse(const char *name, enum frame_outcome *ret)
{
	for (size_t i = 0; i < FRAME_OUTCOMES; i++) {
		if (strcmp(name, outcome_names[i]) == 0) {
			*ret = (enum frame_outcome)i;
			return true;
		}
	}
	return false;
}

void frame_add_header(struct strbuf *out, size_t len)
{
	unsigned char header[FRAME_HEADER];

	for (size_t i = 0; i < FRAME_HEADER; i++)
		header[i] = (unsigned char)(len >> (8 * i));
	strbuf_add(out, header, sizeof header);
}

void frame_write_open(const struct frame_open *open, struct strbuf *out)
{
	struct json_writer w = {.out = out};

	json_open(&w, NULL, '{');
	json_put_string(&w, "type", "open");
	json_put_string(&w, "notifier", open->notifier);
	json_put_raw(&w, "options", open->options);
	if (open->hidden)
		json_put_raw(&w, "hidden", open->hidden);
	if (open->trial)
		json_put_bool(&w, "trial", true);
	json_close(&w, '}');
}

int64_t frame_peek(const char *bytes, size_t len, const char **ret_json, size_t *ret_len, struct err *err)
{
	size_t body = 0;

	if (len < FRAME_HEADER)
		return 0;
	for (size_t i = 0; i < FRAME_HEADER; i++)
		body |= (size_t)(unsigned char)bytes[i] << (8 * i);
	if (body == 0 || body > FRAME_MAX)
		return err_set(err, ERR_LIMIT, "a frame of %zu bytes", body);
	if (len - FRAME_HEADER < body)
		return 0;
	*ret_json = bytes + FRAME_HEADER;
	*ret_len = body;
	return (int64_t)(FRAME_HEADER + body);
}
