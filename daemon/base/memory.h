/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memory.h: how the C library keeps what was freed. A reload of hundreds of
 * thousands of watches needs tens of megabytes for a moment; they shall not stay.
 */
#pragma once

/* Once, before there are threads: a large block goes back to the system when it is freed. */
void memory_configure(void);

/* What lies free between the blocks in use goes back. Takes milliseconds: not on the loop. */
void memory_give_back(void);
