# SPDX-License-Identifier: GPL-2.0-or-later
# cmake -DINPUT=openapi.json -DOUTPUT=openapi_json.c -P openapi.cmake
file(READ ${INPUT} bytes HEX)
string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}") # 16 a line
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
file(WRITE ${OUTPUT} "/* Made of openapi.json. */
#include \"openapi.h\"

const unsigned char openapi_json[] = {
${bytes}};
const size_t openapi_json_size = sizeof(openapi_json);
")
