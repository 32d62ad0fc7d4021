/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text.h: the pieces of text that all forms of a record share. Pure.
 */
#pragma once

#include <stdio.h>
#include <yankwatch/notifier.h>

#define TEXT_NAME_MAX 200 /* bytes that a name takes in a record */

/* A name or number for machines: bytes outside printable ASCII as \xNN, those in `escaped` behind a backslash. */
void text_put_name(FILE *out, const char *name, const char *escaped);

/* The line for people: headline and facts, or subject and facts of the whole; those in `escaped` behind a backslash. */
void text_put(FILE *out, const struct yw_message *message, const struct yw_event *event, const char *escaped);
