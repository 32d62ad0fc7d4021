/* SPDX-License-Identifier: Apache-2.0 */
/* http_options.c: see http_options.h. */
#include "lib/http_options.h"

#include "lib/options.h"

#include <stdbool.h>
#include <unistd.h>

/* Told here, and not with the URL: curl's own error for a proxy holds the password. */
static bool is_url(const char *text)
{
	CURLU *url = curl_url();
	bool good = url && curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK;

	curl_url_cleanup(url);
	return good;
}

const char *http_options_read(const struct yw_options *given, struct http_request *ret)
{
	ret->url = option_text(given, "url");
	ret->proxy = option_text(given, "proxy");
	ret->ca_file = option_text(given, "ca_file");
	if (!is_url(ret->url))
		return "url: it is no URL http[s]://HOST[:PORT]…";
	if (ret->proxy && !is_url(ret->proxy))
		return "proxy: it is no URL http[s]://[USER:PASSWORD@]HOST[:PORT]";
	if (ret->ca_file && access(ret->ca_file, R_OK) != 0)
		return "ca_file: it cannot be read";
	return NULL;
}
