/* SPDX-License-Identifier: Apache-2.0 */
/* http_options.c: see http_options.h. */
#include "lib/http_options.h"

#include "lib/options.h"

#include <unistd.h>

const char *http_options_read(const struct yw_options *given, struct http_request *ret)
{
	ret->url = option_text(given, "url");
	ret->proxy = option_text(given, "proxy");
	ret->ca_file = option_text(given, "ca_file");
	if (ret->ca_file && access(ret->ca_file, R_OK) != 0)
		return "ca_file: it cannot be read";
	return NULL;
}
