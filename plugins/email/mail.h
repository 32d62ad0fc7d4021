/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mail.h: a message as a mail (RFC 5322, multipart/alternative): plain text and
 * HTML, both quoted-printable, so that every byte is ASCII and no line is long.
 * The same message gives the same bytes at every attempt, with the same
 * Message-ID, by which readers and servers tell a repeat.
 */
#pragma once

#include "address.h"

#include <yankwatch/notifier.h>

struct mail_frame {
	const char *notifier; /* its name */
	struct address from;
	const struct address *to; /* all recipients, also when some are not to be told any more */
	size_t n_to;
};

/* NUL-terminated, freed by the caller, *ret_len without the NUL; NULL: out of memory. */
char *mail_render(const struct yw_message *message, const struct mail_frame *frame, size_t *ret_len);
