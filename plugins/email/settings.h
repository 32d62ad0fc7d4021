/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settings.h: the options as the plugin works with them: checked when it is opened,
 * so that a wrong address is told with the configuration and not at the first yank.
 */
#pragma once

#include "mail.h"
#include "smtp.h"

#include <yankwatch/notifier.h>

#define SETTINGS_RECIPIENTS_MAX 100 /* what every server takes in one mail (RFC 5321, 4.5.3.1.8) */

struct settings {
	struct smtp_server server; /* its url is ours, the other strings are the host's until close() */
	struct mail_frame frame;   /* its recipients are ours */
};

#define SETTINGS_OPTIONS 8
extern const struct yw_option settings_options[SETTINGS_OPTIONS];

/* False: error[YW_ERROR_TEXT_MAX] says which option is wrong; there is nothing to release. */
bool settings_read(const struct yw_options *given, struct settings *ret, char *error);
void settings_release(struct settings *settings);
