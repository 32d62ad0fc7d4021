/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_options.h: the options that every plugin which speaks HTTP has, as rows for
 * its table: where to send, through which proxy, and whom to trust.
 */
#pragma once

#include "lib/http.h"

#include <yankwatch/notifier.h>

#define HTTP_OPTION_URL                                                             \
	{                                                                           \
		"url", YW_OPTION_URL, YW_OPTION_REQUIRED | YW_OPTION_OR_FILE, NULL, \
			"where to send; a file when it is a secret"                 \
	}
#define HTTP_OPTION_PROXY                                                      \
	{                                                                      \
		"proxy", YW_OPTION_URL, YW_OPTION_OR_FILE, NULL,               \
			"the HTTP proxy to use; a file when it has a password" \
	}
#define HTTP_OPTION_CA_FILE                                                                             \
	{                                                                                               \
		"ca_file", YW_OPTION_PATH, 0, NULL, "PEM certificates to trust instead of the system's" \
	}

/*
 * Fills url, proxy and ca_file of *ret, borrowed from the host until close().
 * Returns NULL, or the sentence for open()'s error.
 */
const char *http_options_read(const struct yw_options *given, struct http_request *ret);
