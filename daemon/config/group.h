/* SPDX-License-Identifier: Apache-2.0 */
/* group.h: a group of this system by its name. Asks the name service, so it may block. */
#pragma once

#include "base/defs.h"

bool group_find(const char *name, int64_t *ret_gid);
