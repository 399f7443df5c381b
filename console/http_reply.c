/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The date is written by hand: strftime(3) would name the days in the language
 * of the locale.
 */
#include "http_reply.h"

#include "http.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

struct http_reply_word {
	unsigned status;
	const char *reason;
	const char *code;
};

static const struct http_reply_word http_reply_words[] = {
	{200, "OK", "OK"},
	{201, "Created", "Created"},
	{202, "Accepted", "Accepted"},
	{204, "No Content", "NoContent"},
	{304, "Not Modified", "NotModified"},
	{400, "Bad Request", "BadRequest"},
	{401, "Unauthorized", "Unauthorized"},
	{403, "Forbidden", "Forbidden"},
	{404, "Not Found", "NotFound"},
	{405, "Method Not Allowed", "MethodNotAllowed"},
	{406, "Not Acceptable", "NotAcceptable"},
	{408, "Request Timeout", "RequestTimeout"},
	{409, "Conflict", "Conflict"},
	{411, "Length Required", "LengthRequired"},
	{413, "Content Too Large", "RequestTooLarge"},
	{414, "URI Too Long", "UriTooLong"},
	{415, "Unsupported Media Type", "UnsupportedMediaType"},
	{417, "Expectation Failed", "ExpectationFailed"},
	{421, "Misdirected Request", "MisdirectedRequest"},
	{429, "Too Many Requests", "TooManyRequests"},
	{431, "Request Header Fields Too Large", "RequestHeaderFieldsTooLarge"},
	{500, "Internal Server Error", "InternalServerError"},
	{501, "Not Implemented", "NotImplemented"},
	{502, "Bad Gateway", "BadGateway"},
	{503, "Service Unavailable", "ServiceUnavailable"},
	{504, "Gateway Timeout", "GatewayTimeout"},
	{505, "HTTP Version Not Supported", "HttpVersionNotSupported"},
};

/* Headers that http decides on; an answer's own Cache-Control replaces ours. */
static const char *const http_reply_own[] = {"connection", "content-length", "content-type", "date",
	"transfer-encoding", "x-request-id"};

static const char http_reply_fixed[] = "X-Content-Type-Options: nosniff\r\n"
				       "X-Frame-Options: DENY\r\n"
				       "Referrer-Policy: no-referrer\r\n"
				       "Cross-Origin-Opener-Policy: same-origin\r\n"
				       "Cross-Origin-Resource-Policy: same-origin\r\n";

static const char http_reply_page_policy[] =
	"Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
	"connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; "
	"frame-ancestors 'none'\r\n";

static const char http_reply_api_policy[] =
	"Content-Security-Policy: default-src 'none'; base-uri 'none'; form-action 'none'; "
	"frame-ancestors 'none'\r\n";

static const struct http_reply_word *http_reply_find(unsigned status)
{
	static const struct http_reply_word unknown = {0, "", "Unknown"};

	for (size_t i = 0; i < sizeof(http_reply_words) / sizeof(http_reply_words[0]); i++)
		if (http_reply_words[i].status == status)
			return &http_reply_words[i];
	return &unknown;
}

const char *http_reply_reason(unsigned status)
{
	return http_reply_find(status)->reason;
}

const char *http_reply_code(unsigned status)
{
	return http_reply_find(status)->code;
}

bool http_reply_is_value(const char *value)
{
	for (; *value; value++)
		if ((unsigned char)*value < ' ' || *value == 0x7f)
			return false;
	return true;
}

/* Where writing goes on; n becomes more than the room when it does not fit. */
struct http_reply_pen {
	char *at;
	size_t n;
};

static void __attribute__((format(printf, 2, 3)))
http_reply_put(struct http_reply_pen *pen, const char *fmt, ...)
{
	size_t room = pen->n < HTTP_REPLY_HEAD_MAX ? HTTP_REPLY_HEAD_MAX - pen->n : 0;
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(room ? pen->at + pen->n : NULL, room, fmt, args);
	va_end(args);
	pen->n += n > 0 ? (size_t)n : 0;
}

static void http_reply_put_date(struct http_reply_pen *pen, int64_t unix_ms)
{
	static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char months[12][4] = {
		"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t seconds = (time_t)(unix_ms / 1000);
	struct tm tm;

	if (!gmtime_r(&seconds, &tm))
		return;
	http_reply_put(pen, "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n", days[tm.tm_wday],
		tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void http_reply_put_framing(struct http_reply_pen *pen, const struct http_reply *reply)
{
	if (reply->body == HTTP_REPLY_LENGTH)
		http_reply_put(pen, "Content-Length: %zu\r\n", reply->n_body);
	else if (reply->body == HTTP_REPLY_CHUNKED)
		http_reply_put(pen, "Transfer-Encoding: chunked\r\n");
	if (!reply->is_keep_alive)
		http_reply_put(pen, "Connection: close\r\n");
	else if (reply->minor == 0)
		http_reply_put(pen, "Connection: keep-alive\r\n");
}

static int http_reply_put_extra(
	struct http_reply_pen *pen, const struct http_reply *reply, bool *has_cachep)
{
	size_t n = 0;

	for (; reply->headers && reply->headers[n][0]; n++) {
		const char *name = reply->headers[n][0];
		const char *value = reply->headers[n][1];

		if (n >= HTTP_ANSWER_HEADERS_MAX || !value || !http_reply_is_value(value) ||
			name[0] == '\0' || name[strcspn(name, ": \t\r\n")] != '\0')
			return -EINVAL;
		for (size_t i = 0; i < sizeof(http_reply_own) / sizeof(http_reply_own[0]); i++)
			if (strcasecmp(name, http_reply_own[i]) == 0)
				return -EINVAL;
		*has_cachep |= strcasecmp(name, "Cache-Control") == 0;
		http_reply_put(pen, "%s: %s\r\n", name, value);
	}
	return 0;
}

int http_reply_head(const struct http_reply *reply, char head[HTTP_REPLY_HEAD_MAX])
{
	struct http_reply_pen pen = {.at = head};
	bool has_cache = false;

	if (reply->content_type && !http_reply_is_value(reply->content_type))
		return -EINVAL;
	http_reply_put(&pen, "HTTP/1.1 %u %s\r\n", reply->status, http_reply_reason(reply->status));
	http_reply_put_date(&pen, reply->unix_ms);
	if (reply->id && reply->id[0])
		http_reply_put(&pen, "X-Request-Id: %s\r\n", reply->id);
	if (reply->content_type)
		http_reply_put(&pen, "Content-Type: %s\r\n", reply->content_type);
	http_reply_put_framing(&pen, reply);
	if (http_reply_put_extra(&pen, reply, &has_cache) < 0)
		return -EINVAL;
	if (!has_cache)
		http_reply_put(&pen, "Cache-Control: no-store\r\n");
	http_reply_put(&pen, "%s%s", http_reply_fixed,
		reply->is_page ? http_reply_page_policy : http_reply_api_policy);
	if (reply->has_tls)
		http_reply_put(&pen, "Strict-Transport-Security: max-age=31536000\r\n");
	http_reply_put(&pen, "\r\n");
	return pen.n < HTTP_REPLY_HEAD_MAX ? (int)pen.n : -EINVAL;
}

size_t http_reply_error(
	unsigned status, const char *message, const char *id, char *text, size_t n_text)
{
	int n = snprintf(text, n_text,
		"{\"error\":{\"code\":\"%s\",\"message\":\"%s\",\"target\":\"%s\"}}",
		http_reply_code(status), message, id ? id : "");

	return n < 0 ? 0 : ((size_t)n < n_text ? (size_t)n : n_text - 1);
}
