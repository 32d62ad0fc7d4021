/* SPDX-License-Identifier: Apache-2.0 */
/* notification.c: see notification.h. */
#include "model/notification.h"

void notification_release(struct notification *notification)
{
	free(notification->subject);
	free(notification->document);
	*notification = (struct notification){0};
}
