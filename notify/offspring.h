/* SPDX-License-Identifier: Apache-2.0 */
/*
 * offspring.h: what a plugin started and left behind. Orphans below this process
 * become its own children, so none of them is lost sight of.
 */
#pragma once

#include "base/err.h"

MUST_CHECK int offspring_adopt(struct err *err); /* once, before anything is started */
void offspring_end(void);                        /* kills all children, and theirs; waits for their end */
