/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A line from the daemon: no message, or one whose every text can be read.
 */
#include "fuzz.h"

#include "upstream_message.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct upstream_message message;
	struct errmsg msg = ERRMSG_NULL;
	int r = upstream_message_read((const char *)data, n, &message, &msg);
	const struct upstream_reply *reply = &message.reply;

	if (r < 0 && !msg.text[0])
		abort();
	if (r == 0 && !message.method) {
		int n_ends = (reply->transport != 0) + (reply->fault_number != 0) +
			     (reply->result != NULL);

		if (n_ends != 1 || strlen(reply->fault_code) > n ||
			strlen(reply->fault_message) > n || strlen(reply->fault_target) > n)
			abort();
	}
	upstream_message_deinit(&message);
	return 0;
}
