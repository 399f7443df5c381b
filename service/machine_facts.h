/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the machine is, in the words of Defender's machine resource: operating
 * system and processor. Its addresses are not here: the unit keeps the daemon
 * from every network (PrivateNetwork), the console knows them.
 *
 * Hands (uname(2), os-release(5)); machine_facts_parse() is pure. Loop thread.
 */
#ifndef QS_MACHINE_FACTS_H
#define QS_MACHINE_FACTS_H

#include <stddef.h>

enum { MACHINE_FACTS_TEXT_SIZE = 128 };

struct machine_facts {
	char version[MACHINE_FACTS_TEXT_SIZE]; /**< VERSION_ID: "12"; "" = unknown. */
	char name[MACHINE_FACTS_TEXT_SIZE];   /**< PRETTY_NAME: "Debian GNU/Linux 12 (bookworm)". */
	char kernel[MACHINE_FACTS_TEXT_SIZE]; /**< Release: "6.1.0-18-amd64". */
	char processor[MACHINE_FACTS_TEXT_SIZE]; /**< "x64", "arm64", else uname's machine. */
	char architecture[8];                    /**< "64-bit" or "32-bit". */
};

/** Read; what cannot be read is "". */
void machine_facts_read(struct machine_facts *facts);

/**
 * version and name from the text of an os-release file; what is not there is
 * left alone.
 *
 * @text  n bytes, any.
 */
void machine_facts_parse(const char *text, size_t n, struct machine_facts *facts);

#endif
