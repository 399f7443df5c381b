/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The end of the head is looked for first, and nothing is understood before it is
 * there: a head that arrives byte by byte costs one comparison a byte.
 *
 * Everything is copied nowhere: NULs are written over the delimiters.
 */
#include "http_parse.h"

#include "http.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

static const char *const http_parse_names[HTTP_HEADER_N] = {
	[HTTP_HEADER_ACCEPT] = "accept",
	[HTTP_HEADER_AUTHORIZATION] = "authorization",
	[HTTP_HEADER_CONNECTION] = "connection",
	[HTTP_HEADER_CONTENT_LENGTH] = "content-length",
	[HTTP_HEADER_CONTENT_TYPE] = "content-type",
	[HTTP_HEADER_EXPECT] = "expect",
	[HTTP_HEADER_HOST] = "host",
	[HTTP_HEADER_IF_NONE_MATCH] = "if-none-match",
	[HTTP_HEADER_LAST_EVENT_ID] = "last-event-id",
	[HTTP_HEADER_ORIGIN] = "origin",
	[HTTP_HEADER_SEC_FETCH_SITE] = "sec-fetch-site",
	[HTTP_HEADER_TRANSFER_ENCODING] = "transfer-encoding",
};

/* Of these a second line is no mistake; the first one counts (of Connection: all). */
static const bool http_parse_is_list[HTTP_HEADER_N] = {
	[HTTP_HEADER_ACCEPT] = true,
	[HTTP_HEADER_CONNECTION] = true,
	[HTTP_HEADER_IF_NONE_MATCH] = true,
};

static int http_parse_refuse(struct http_head *head, unsigned status, const char *reason)
{
	head->status = status;
	head->reason = reason;
	return HTTP_PARSE_E_REFUSED;
}

/* tchar of RFC 9110, 5.6.2 */
static bool http_parse_is_token(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool http_parse_is_value(unsigned char c)
{
	return c == '\t' || (c >= ' ' && c != 0x7f);
}

static int http_parse_version(char *version, struct http_head *head)
{
	if (strcmp(version, "HTTP/1.1") == 0)
		head->minor = 1;
	else if (strcmp(version, "HTTP/1.0") == 0)
		head->minor = 0;
	else if (strncmp(version, "HTTP/", 5) == 0)
		return http_parse_refuse(head, 505, "Only HTTP/1.1 and HTTP/1.0 are spoken.");
	else
		return http_parse_refuse(head, 400, "The request line is malformed.");
	return 0;
}

static int http_parse_target(char *target, struct http_head *head)
{
	char *query;

	if (target[0] != '/' && strcmp(target, "*") != 0)
		return http_parse_refuse(head, 400, "The target must be a path.");
	for (const char *at = target; *at; at++)
		if ((unsigned char)*at <= ' ' || *at == 0x7f || *at == '#')
			return http_parse_refuse(
				head, 400, "The target has a character that must be escaped.");
	query = strchr(target, '?');
	if (query)
		*query++ = '\0';
	head->path = target;
	head->query = query ? query : "";
	if (strlen(head->path) > HTTP_PATH_MAX || strlen(head->query) > HTTP_QUERY_MAX)
		return http_parse_refuse(head, 414, "The address is too long.");
	return 0;
}

static int http_parse_request_line(char *line, struct http_head *head)
{
	char *target = strchr(line, ' ');
	char *version = target ? strchr(target + 1, ' ') : NULL;
	int r;

	if (!version || strchr(version + 1, ' '))
		return http_parse_refuse(head, 400, "The request line is malformed.");
	*target++ = '\0';
	*version++ = '\0';
	for (const char *at = line; *at; at++)
		if (!http_parse_is_token((unsigned char)*at))
			return http_parse_refuse(head, 400, "The method is malformed.");
	if (line[0] == '\0' || strlen(line) > 16)
		return http_parse_refuse(head, 501, "This method is not known here.");
	head->method = line;
	r = http_parse_version(version, head);
	return r == 0 ? http_parse_target(target, head) : r;
}

/* Does a comma-separated list have a word? */
static bool http_parse_has_word(const char *list, const char *word)
{
	size_t n_word = strlen(word);

	while (*list) {
		size_t n;

		list += strspn(list, ", \t");
		n = strcspn(list, ", \t");
		if (n == n_word && strncasecmp(list, word, n) == 0)
			return true;
		list += n;
	}
	return false;
}

static int http_parse_known(struct http_head *head, const char *name, const char *value)
{
	for (size_t i = 0; i < HTTP_HEADER_N; i++) {
		if (strcasecmp(name, http_parse_names[i]) != 0)
			continue;
		if (i == HTTP_HEADER_CONNECTION) {
			if (http_parse_has_word(value, "close"))
				head->is_keep_alive = false;
			else if (http_parse_has_word(value, "keep-alive") && head->minor == 0)
				head->is_keep_alive = true;
		}
		if (!head->headers[i])
			head->headers[i] = value;
		else if (!http_parse_is_list[i])
			return http_parse_refuse(
				head, 400, "A header that may be sent once was sent twice.");
		return 0;
	}
	return 0;
}

static int http_parse_header(char *line, struct http_head *head)
{
	char *colon = strchr(line, ':');
	char *value = colon ? colon + 1 : NULL;
	size_t n;

	if (!colon || colon == line)
		return http_parse_refuse(head, 400, "A header is malformed.");
	*colon = '\0';
	for (const char *at = line; *at; at++)
		if (!http_parse_is_token((unsigned char)*at))
			return http_parse_refuse(head, 400, "The name of a header is malformed.");
	value += strspn(value, " \t");
	n = strlen(value);
	while (n > 0 && (value[n - 1] == ' ' || value[n - 1] == '\t'))
		value[--n] = '\0';
	for (const char *at = value; *at; at++)
		if (!http_parse_is_value((unsigned char)*at))
			return http_parse_refuse(head, 400, "A header has a control character.");
	return http_parse_known(head, line, value);
}

static int http_parse_length(struct http_head *head)
{
	const char *text = head->headers[HTTP_HEADER_CONTENT_LENGTH];
	size_t value = 0;

	if (!text)
		return 0;
	if (text[0] == '\0' || text[strspn(text, "0123456789")] != '\0')
		return http_parse_refuse(head, 400, "Content-Length is no number.");
	for (; *text; text++) {
		if (value > (SIZE_MAX - 9) / 10) {
			head->content_length = SIZE_MAX;
			return 0;
		}
		value = value * 10 + (size_t)(*text - '0');
	}
	head->content_length = value;
	return 0;
}

/* What the headers mean together. */
static int http_parse_meaning(struct http_head *head)
{
	const char *coding = head->headers[HTTP_HEADER_TRANSFER_ENCODING];
	const char *expect = head->headers[HTTP_HEADER_EXPECT];

	if (head->minor == 1 && !head->headers[HTTP_HEADER_HOST])
		return http_parse_refuse(head, 400, "Host is missing.");
	if (coding) {
		if (head->headers[HTTP_HEADER_CONTENT_LENGTH] || head->minor == 0)
			return http_parse_refuse(head, 400,
				"Transfer-Encoding does not go with the rest of the request.");
		if (strcasecmp(coding, "chunked") != 0)
			return http_parse_refuse(
				head, 501, "This Transfer-Encoding is not known here.");
		head->is_chunked = true;
	}
	if (expect && head->minor == 1) {
		if (strcasecmp(expect, "100-continue") != 0)
			return http_parse_refuse(head, 417, "This expectation cannot be met.");
		head->wants_continue = true;
	}
	return http_parse_length(head);
}

/* @bytes: the lines, each with its CRLF, without the empty one at the end. */
static int http_parse_lines(char *bytes, size_t n, struct http_head *head)
{
	char *end = bytes + n;
	unsigned n_lines = 0;

	if (memchr(bytes, '\0', n))
		return http_parse_refuse(head, 400, "The head has a NUL.");
	for (char *line = bytes; line < end; n_lines++) {
		char *feed = memchr(line, '\n', (size_t)(end - line));
		int r;

		if (!feed || feed == line || feed[-1] != '\r')
			return http_parse_refuse(head, 400, "A line does not end with CR LF.");
		feed[-1] = '\0';
		if (n_lines > HTTP_PARSE_HEADERS_MAX)
			return http_parse_refuse(head, 431, "There are too many headers.");
		r = n_lines == 0 ? http_parse_request_line(line, head)
				 : http_parse_header(line, head);
		if (r != 0)
			return r;
		if (n_lines == 0)
			head->is_keep_alive = head->minor == 1;
		line = feed + 1;
	}
	return http_parse_meaning(head);
}

int http_parse_head(char *bytes, size_t n, size_t n_max, struct http_head *head)
{
	size_t from = head->n_seen > 3 ? head->n_seen - 3 : 0;
	size_t n_looked = n < n_max ? n : n_max;
	char *end = n_looked > from ? memmem(bytes + from, n_looked - from, "\r\n\r\n", 4) : NULL;
	int r;

	/* A bare line feed twice ends the head for lenient readers; not for us. */
	if (!end && n_looked > from && memmem(bytes + from, n_looked - from, "\n\n", 2))
		return http_parse_refuse(head, 400, "A line does not end with CR LF.");
	head->n_seen = n_looked;
	if (!end && n >= n_max)
		return http_parse_refuse(head, 431, "The head of the request is too long.");
	if (!end)
		return HTTP_PARSE_E_MORE;
	*head = (struct http_head){.n = (size_t)(end - bytes) + 4};
	r = http_parse_lines(bytes, head->n - 2, head);
	for (size_t i = 0; i < HTTP_HEADER_N; i++)
		if (!head->headers[i])
			head->headers[i] = "";
	return r;
}
