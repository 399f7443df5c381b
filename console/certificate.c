/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Key and certificate are two files that belong together, and a machine may stop
 * between two renames. The key is written first, and a certificate that does not
 * fit its key is no good and is made again: nothing has to be atomic.
 *
 * The key is made anew with each certificate: whoever trusts a self-signed
 * certificate trusts this one, and not the key in it.
 */
#include "certificate.h"

#include "cleanup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CERTIFICATE_SECONDS_A_DAY = 86400 };

static void certificate_free_x509(X509 **x509)
{
	X509_free(*x509);
}

static void certificate_free_key(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}

/* Names. */

static void certificate_names_put(
	struct certificate_names *names, const char *kind, const char *name)
{
	char text[256];

	if ((size_t)snprintf(text, sizeof(text), "%s:%s", kind, name) >= sizeof(text) ||
		names->n >= CERTIFICATE_NAMES_MAX)
		return;
	for (size_t i = 0; i < names->n; i++)
		if (strcmp(names->texts[i], text) == 0)
			return;
	memcpy(names->texts[names->n++], text, strlen(text) + 1);
}

static int certificate_is_name(const char *name)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";

	return name[0] != '\0' && name[strspn(name, allowed)] == '\0';
}

void certificate_names_add(struct certificate_names *names, const char *name)
{
	char host[256];
	struct in6_addr address;
	size_t n;

	if (name[0] == '[') {
		n = strcspn(++name, "]");
	} else {
		const char *colon = strchr(name, ':');

		/* Two colons are an address of version 6 without a port. */
		n = colon && !strchr(colon + 1, ':') ? (size_t)(colon - name) : strlen(name);
	}
	if (n >= sizeof(host))
		return;
	memcpy(host, name, n);
	host[n] = '\0';
	if (inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1)
		certificate_names_put(names, "IP", host);
	else if (certificate_is_name(host))
		certificate_names_put(names, "DNS", host);
}

void certificate_names_add_own(struct certificate_names *names)
{
	char text[INET6_ADDRSTRLEN];
	char host[256] = "";
	struct ifaddrs *list = NULL;

	certificate_names_add(names, "localhost");
	certificate_names_add(names, "127.0.0.1");
	certificate_names_add(names, "::1");
	if (gethostname(host, sizeof(host) - 1) == 0)
		certificate_names_add(names, host);
	if (getifaddrs(&list) < 0)
		return;
	for (const struct ifaddrs *at = list; at; at = at->ifa_next) {
		int family = at->ifa_addr ? at->ifa_addr->sa_family : AF_UNSPEC;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;

		if (family == AF_INET) {
			memcpy(&v4, at->ifa_addr, sizeof(v4));
			if (inet_ntop(AF_INET, &v4.sin_addr, text, sizeof(text)))
				certificate_names_add(names, text);
		} else if (family == AF_INET6) {
			memcpy(&v6, at->ifa_addr, sizeof(v6));
			/* A link-local address needs a zone, which a certificate cannot have. */
			if (!IN6_IS_ADDR_LINKLOCAL(&v6.sin6_addr) &&
				inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof(text)))
				certificate_names_add(names, text);
		}
	}
	freeifaddrs(list);
}

static char *certificate_names_join(const struct certificate_names *names)
{
	char *text = calloc(names->n + 1, sizeof(names->texts[0]) + 1);
	size_t at = 0;

	for (size_t i = 0; text && i < names->n; i++) {
		size_t n = strlen(names->texts[i]);

		if (i > 0)
			text[at++] = ',';
		memcpy(text + at, names->texts[i], n);
		at += n;
	}
	return text;
}

/* What is there. */

static int certificate_has(X509 *x509, const char *text)
{
	if (strncmp(text, "IP:", 3) == 0)
		return X509_check_ip_asc(x509, text + 3, 0) == 1;
	return X509_check_host(x509, text + 4, 0, 0, NULL) == 1;
}

static X509 *certificate_read(const char *file)
{
	_cleanup_(cleanup_fclose) FILE *in = fopen(file, "re");

	return in ? PEM_read_X509(in, NULL, NULL, NULL) : NULL;
}

static EVP_PKEY *certificate_read_key(const char *file)
{
	_cleanup_(cleanup_fclose) FILE *in = fopen(file, "re");

	return in ? PEM_read_PrivateKey(in, NULL, NULL, NULL) : NULL;
}

static int certificate_is_good(
	X509 *x509, EVP_PKEY *key, const struct certificate_names *names, int64_t now_unix_ms)
{
	time_t now = (time_t)(now_unix_ms / 1000);
	time_t soon = now + (time_t)CERTIFICATE_RENEW_DAYS * CERTIFICATE_SECONDS_A_DAY;

	if (!x509 || !key || X509_check_private_key(x509, key) != 1)
		return 0;
	if (X509_cmp_time(X509_get0_notAfter(x509), &soon) <= 0 ||
		X509_cmp_time(X509_get0_notBefore(x509), &now) >= 0)
		return 0;
	for (size_t i = 0; i < names->n; i++)
		if (!certificate_has(x509, names->texts[i]))
			return 0;
	return 1;
}

/* Making one. */

static int certificate_extend(X509 *x509, int nid, const char *value)
{
	X509V3_CTX context;
	X509_EXTENSION *extension;
	int is_added;

	X509V3_set_ctx(&context, x509, x509, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	is_added = extension && X509_add_ext(x509, extension, -1) == 1;
	X509_EXTENSION_free(extension);
	return is_added;
}

static int certificate_fill(X509 *x509, const struct certificate_names *names, time_t now)
{
	_cleanup_(cleanup_free) char *alternatives = certificate_names_join(names);
	unsigned char serial[8];
	X509_NAME *subject = X509_get_subject_name(x509);
	BIGNUM *number = NULL;
	int is_done;

	if (!alternatives || RAND_bytes(serial, sizeof(serial)) != 1)
		return 0;
	serial[0] &= 0x7f;
	number = BN_bin2bn(serial, sizeof(serial), NULL);
	is_done = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509)) &&
		  X509_set_version(x509, X509_VERSION_3) == 1 &&
		  X509_time_adj_ex(X509_getm_notBefore(x509), -1, 0, &now) &&
		  X509_time_adj_ex(X509_getm_notAfter(x509), CERTIFICATE_DAYS - 1, 0, &now) &&
		  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
			  (const unsigned char *)"quietscan-console", -1, -1, 0) == 1 &&
		  X509_set_issuer_name(x509, subject) == 1 &&
		  certificate_extend(x509, NID_subject_alt_name, alternatives) &&
		  certificate_extend(x509, NID_basic_constraints, "critical,CA:FALSE") &&
		  certificate_extend(x509, NID_key_usage, "critical,digitalSignature") &&
		  certificate_extend(x509, NID_ext_key_usage, "serverAuth") &&
		  certificate_extend(x509, NID_subject_key_identifier, "hash");
	BN_free(number);
	return is_done;
}

static int certificate_write(const char *file, X509 *x509, EVP_PKEY *key)
{
	_cleanup_(cleanup_free) char *aside = NULL;
	_cleanup_(cleanup_fclose) FILE *out = NULL;
	int fd;
	int is_written;

	if (asprintf(&aside, "%s.new~", file) < 0)
		return -ENOMEM;
	(void)unlink(aside);
	fd = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	out = fdopen(fd, "w");
	if (!out) {
		int r = -errno;

		(void)close(fd);
		return r;
	}
	is_written = x509 ? PEM_write_X509(out, x509)
			  : PEM_write_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL);
	if (!is_written || fflush(out) != 0 || fsync(fd) < 0 || rename(aside, file) < 0)
		return errno ? -errno : -EIO;
	return 0;
}

static int certificate_make(const char *file, const char *key_file,
	const struct certificate_names *names, int64_t now_unix_ms)
{
	_cleanup_(certificate_free_key) EVP_PKEY *key = EVP_EC_gen("P-256");
	_cleanup_(certificate_free_x509) X509 *x509 = X509_new();
	int r;

	if (!key || !x509 || X509_set_pubkey(x509, key) != 1 ||
		!certificate_fill(x509, names, (time_t)(now_unix_ms / 1000)) ||
		X509_sign(x509, key, EVP_sha256()) == 0)
		return err_origin(-EIO);
	errno = 0;
	r = certificate_write(key_file, NULL, key);
	return r == 0 ? certificate_write(file, x509, NULL) : r;
}

int certificate_ensure(const char *state_dir, const struct certificate_names *names,
	int64_t now_unix_ms, int *madep, struct errmsg *msg)
{
	_cleanup_(cleanup_free) char *file = NULL;
	_cleanup_(cleanup_free) char *key_file = NULL;
	_cleanup_(certificate_free_x509) X509 *x509 = NULL;
	_cleanup_(certificate_free_key) EVP_PKEY *key = NULL;
	int r = 0;

	if (asprintf(&file, "%s/" CERTIFICATE_FILE, state_dir) < 0)
		file = NULL;
	if (asprintf(&key_file, "%s/" CERTIFICATE_KEY_FILE, state_dir) < 0)
		key_file = NULL;
	if (!file || !key_file)
		return err_origin(-ENOMEM);
	x509 = certificate_read(file);
	key = certificate_read_key(key_file);
	*madep = !certificate_is_good(x509, key, names, now_unix_ms);
	if (*madep)
		r = certificate_make(file, key_file, names, now_unix_ms);
	ERR_clear_error();
	if (r < 0)
		errmsg_set(msg, "certificate %s: %s", file, err_text(r));
	return err_trace(r);
}

int certificate_print(const char *file, char print[CERTIFICATE_PRINT_SIZE])
{
	_cleanup_(certificate_free_x509) X509 *x509 = certificate_read(file);
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	size_t at = 0;

	if (!x509 || X509_digest(x509, EVP_sha256(), digest, &n) != 1) {
		ERR_clear_error();
		return -EINVAL;
	}
	for (unsigned i = 0; i < n && at + 3 < CERTIFICATE_PRINT_SIZE; i++)
		at += (size_t)snprintf(print + at, CERTIFICATE_PRINT_SIZE - at, "%s%02X",
			i > 0 ? ":" : "", digest[i]);
	return 0;
}
