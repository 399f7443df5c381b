/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a child process may say when. The table names what is allowed, all
 * else is a violation: the daemon ends the child and records the event
 * ProtocolViolation. docs/ipc.md has the same table for readers.
 *
 * Pure. Loop thread only.
 */
#ifndef QS_PHASE_H
#define QS_PHASE_H

#include "channel.h"

#include <stdint.h>

enum phase {
	/* scanner → daemon */
	PHASE_SCANNER_BORN,     /**< Nothing heard yet. */
	PHASE_SCANNER_READY,    /**< HELLO heard, START not sent. */
	PHASE_SCANNER_SCANNING, /**< START sent. */
	PHASE_SCANNER_DONE,     /**< DONE heard: only the end may follow. */
	/* zygote → daemon */
	PHASE_ENGINE_LOADING, /**< Nothing heard yet. */
	PHASE_ENGINE_READY,   /**< READY heard. */
	PHASE_ENGINE_FAILED,  /**< FAILED heard: only the end may follow. */
	/* remediate → daemon */
	PHASE_REMEDIATE_BORN,    /**< It recovers; HELLO not heard. */
	PHASE_REMEDIATE_READY,   /**< HELLO heard: it waits for a request. */
	PHASE_REMEDIATE_BUSY,    /**< A request was sent: one RESULT may follow. */
	PHASE_REMEDIATE_LISTING, /**< LIST was sent: ITEMs and then the RESULT may follow. */
	PHASE_REMEDIATE_SEEKING, /**< SEEK was sent: FOUNDs and then the RESULT may follow. */
	PHASE_N,
};

/** "scanner born", …; any number. */
const char *phase_name(enum phase phase);

/**
 * Judge a received message and move on.
 *
 * @phasep  The phase it arrived in; set to the next one when 0 is returned.
 * @inbox   Borrowed; type, message and the number of descriptors are judged.
 * @whyp    Set to a static sentence when -EPROTO is returned.
 * @return  0 or -EPROTO.
 */
int phase_accept(enum phase *phasep, const struct channel_inbox *inbox, const char **whyp);

#endif
