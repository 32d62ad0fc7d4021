/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trial.h: opens every notifier's plugin as the daemon will, and ends it again: what
 * a plugin refuses in open() is a fault of the configuration like any other. Called
 * by notifiers.c; nothing is ever delivered.
 */
#pragma once

#include "config/config.h"

/*
 * Tries those of the `n` notifiers that have options_json, side by side (16 at a time), each in
 * a yankwatch-notify (`program`) of its own. ret_faults[i] says what is wrong with
 * notifiers[i], its code is 0 when it opened or was not tried. Blocks, at most for
 * FRAME_OPEN_MS and FRAME_CLOSE_MS of each 16; nothing of it is left running. ERR_NOMEM.
 */
MUST_CHECK int trial_run(const char *program, const struct config_notifier *notifiers, size_t n,
			 struct err *ret_faults);
