/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pages.h: what a manual page says that the programs know themselves: each writer
 * takes it from the very rows that the programs read.
 */
#pragma once

#include "base/strbuf.h"

/* `source`: what the page is made of besides its template, NUL-terminated; "" when nothing was given. */
typedef void page_writer(struct strbuf *out, const char *source);

page_writer write_client_commands, write_client_options; /* client/commands.c */
page_writer write_daemon_options;                        /* daemon/command_line.c */
page_writer write_notify_usage;                          /* notify/usage.c */
page_writer write_config_keys;                           /* the rows of config/ */
page_writer write_header;                                /* the source: notifier.h */
page_writer write_plugin_name, write_plugin_options;     /* the source: yankwatch-notify --describe */
