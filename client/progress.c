/* SPDX-License-Identifier: Apache-2.0 */
/* progress.c: see progress.h. */
#include "progress.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FIRST_MS 1000
#define EVERY_MS 200

void progress_begin(struct progress *progress, bool own_output)
{
	const char *term = getenv("TERM");

	*progress = (struct progress){
		.is_shown = isatty(STDERR_FILENO) && (own_output || !isatty(STDOUT_FILENO)) && term &&
			    strcmp(term, "dumb") != 0,
		.next_ms = clock_mono_ms() + FIRST_MS,
	};
}

bool progress_is_due(const struct progress *progress)
{
	return progress->is_shown && clock_mono_ms() >= progress->next_ms;
}

void progress_show(struct progress *progress, const char *line)
{
	(void)fprintf(stderr, "\r%s\033[K", line);
	(void)fflush(stderr);
	progress->is_drawn = true;
	progress->next_ms = clock_mono_ms() + EVERY_MS;
}

void progress_end(struct progress *progress)
{
	if (progress->is_drawn)
		(void)fputs("\r\033[K", stderr);
	progress->is_drawn = false;
}
