/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cloudevent.h: the body of a POST: a structured CloudEvent 1.0 in JSON whose
 * `data` is the message's document, byte for byte. It depends on nothing but the
 * message and the notifier's name, so every attempt sends the same bytes.
 */
#pragma once

#include <yankwatch/notifier.h>

#define CLOUDEVENT_CONTENT_TYPE "application/cloudevents+json"
#define CLOUDEVENT_TYPE "io.yankwatch.notification.v1"
#define CLOUDEVENT_SOURCE "yankwatch/" /* then the notifier's name: a relative URI reference */

/* NUL-terminated, freed by the caller, *ret_len without the NUL; NULL: out of memory. */
char *cloudevent_body(const struct yw_message *message, const char *notifier, size_t *ret_len);
