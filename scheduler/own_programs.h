/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which files are the programs of this installation: the daemon's own, its private
 * ones, the command line and the console. No request of anybody ends or takes away
 * one of them.
 *
 * Hands (looks at files). Any thread.
 */
#ifndef QS_OWN_PROGRAMS_H
#define QS_OWN_PROGRAMS_H

#include "service_paths.h"

#include <stdbool.h>
#include <stdint.h>

/**
 * Whether a file is one of them: the executable that runs here, or what has the name
 * of one of our programs in a folder of the installation now.
 *
 * @paths  Prepared; a folder that is NULL or "" is passed over.
 * @dev    st_dev; @ino st_ino.
 */
bool own_programs_has(const struct service_paths *paths, uint64_t dev, uint64_t ino);

#endif
