/* SPDX-License-Identifier: GPL-2.0-or-later */
/* openapi.json, embedded at build (openapi.cmake). Data only. */
#ifndef QS_OPENAPI_H
#define QS_OPENAPI_H

#include <stddef.h>

/** The text, openapi_json_size bytes. */
extern const unsigned char openapi_json[];
extern const size_t openapi_json_size;

#endif
