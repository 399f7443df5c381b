/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line of the local socket as a request, whom it says to ask for, and its
 * parameters as those of scan.start: accepted, or refused with a code and a
 * sentence.
 */
#include "fuzz.h"

#include "cleanup.h"
#include "jsonrpc.h"
#include "on_behalf.h"
#include "request.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct jsonrpc_request message = JSONRPC_REQUEST_NULL;
	_cleanup_(request_cleanup) struct request request = REQUEST_NULL;
	struct fault fault = FAULT_NULL;
	struct errmsg msg = ERRMSG_NULL;
	struct errmsg why = ERRMSG_NULL;
	struct on_behalf on;
	const char *target = NULL;
	int r = jsonrpc_parse((const char *)data, n, &message, &fault);

	if (r < 0 && (fault.code == FAULT_NONE || !fault.msg.text[0]))
		abort();
	if (r == 0 && !message.method)
		abort();
	if (r == 0 && request_parse(message.params, &request, &target, &msg) < 0 &&
		(!target || !msg.text[0]))
		abort();
	if (r == 0 && on_behalf_parse(message.on_behalf_of, &on, &why) < 0) {
		if (!why.text[0])
			abort();
	} else if (r == 0 && (!on.name[0] || !on.source)) {
		abort();
	}
	jsonrpc_request_deinit(&message);
	return 0;
}
