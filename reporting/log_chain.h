/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hash chain of the action log: every event's hash covers the event and
 * the hash of the one before, so that no record can be changed, taken out or
 * put in without all later hashes changing too.
 *
 * Hashed bytes, in this order, integers big-endian:
 *
 *   "quietscan-log-1" and one 0 byte     which format, so that no other
 *                                        message of ours can have this hash
 *   previous hash                        32 bytes, all 0 for the first event
 *   sequence                             u64
 *   time                                 i64, milliseconds since 1970
 *   action type, scan id, action id,     each a u32 length and its bytes
 *   fields (JSON text as stored)
 *
 * Lengths are written, so two different events never give the same bytes.
 * The first event of a log is LogStarted with the format's version and the
 * machine's id: two machines' logs differ from their first hash on.
 *
 * Pure. Any thread. What the chain can and cannot show: docs/action-log.md.
 */
#ifndef QS_LOG_CHAIN_H
#define QS_LOG_CHAIN_H

#include "records.h"

#include <stdint.h>

enum { LOG_CHAIN_FORMAT_VERSION = 1 };

/**
 * Hash of an event.
 *
 * @event   Sequence, time, texts (NULL counts as "") and previous_hash are
 *          read; hash is not.
 * @hash    Receives the hash when 0 is returned.
 * @return  0; -ENOMEM.
 */
int log_chain_hash(const struct event_record *event, uint8_t hash[RECORD_HASH_SIZE]);

#endif
