/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The histogram is in it, so that percentiles go on being right when a scan is
 * taken up again. A document that cannot be read costs the scan its past load
 * and nothing else.
 */
#include "load_document.h"

#include "cleanup.h"
#include "err.h"

#include <errno.h>
#include <string.h>

#define LOAD_DOCUMENT_SECOND 1e9

/** No time or count of a scan is larger; a year is 3e16 ns. */
#define LOAD_DOCUMENT_NS_MAX 1e18

static double load_document_pct(uint64_t part_ns, uint64_t active_ns, double n_cpus)
{
	return active_ns ? 100.0 * (double)part_ns / ((double)active_ns * n_cpus) : 0.0;
}

static int load_document_add_seconds(cJSON *object, const char *field, uint64_t ns)
{
	return json_add_double(object, field, (double)ns / LOAD_DOCUMENT_SECOND, 3);
}

static int load_document_add_point(cJSON *series, const struct load_point *point, double n_cpus)
{
	cJSON *item = cJSON_CreateObject();
	int r = item ? 0 : -ENOMEM;

	if (r < 0 || !cJSON_AddItemToArray(series, item)) {
		cJSON_Delete(item);
		return err_origin(-ENOMEM);
	}
	r |= load_document_add_seconds(item, "duration", point->active_ns);
	r |= json_add_double(
		item, "asked", load_document_pct(point->asked_ns, point->active_ns, n_cpus), 2);
	r |= json_add_double(
		item, "achieved", load_document_pct(point->cpu_ns, point->active_ns, n_cpus), 2);
	return r < 0 ? err_origin(-ENOMEM) : 0;
}

static int load_document_add_series(cJSON *object, const struct load_history *h, double n_cpus)
{
	cJSON *series = cJSON_AddArrayToObject(object, "series");
	int r = series ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < h->n_points; i++)
		r = load_document_add_point(series, &h->points[i], n_cpus);
	return r;
}

/* [per cent, windows] for each bin that is not empty. */
static int load_document_add_histogram(cJSON *object, const struct load_history *h)
{
	cJSON *histogram = cJSON_AddArrayToObject(object, "histogram");

	for (size_t i = 0; histogram && i < LOAD_HISTORY_BINS; i++) {
		const double pair[2] = {(double)i / 2.0, h->bins[i]};
		cJSON *item = NULL;

		if (h->bins[i] == 0)
			continue;
		item = cJSON_CreateDoubleArray(pair, 2);
		if (!item || !cJSON_AddItemToArray(histogram, item)) {
			cJSON_Delete(item);
			return err_origin(-ENOMEM);
		}
	}
	return histogram ? 0 : err_origin(-ENOMEM);
}

static int load_document_add_waiting(cJSON *object, const struct load_history *h)
{
	cJSON *waiting = cJSON_AddObjectToObject(object, "waiting");
	int r = waiting ? 0 : -ENOMEM;

	if (r < 0)
		return err_origin(r);
	r |= load_document_add_seconds(waiting, "budget", h->budget_wait_ns);
	r |= load_document_add_seconds(waiting, "disk", h->disk_wait_ns);
	r |= load_document_add_seconds(waiting, "backedOff", h->backed_off_ns);
	r |= load_document_add_seconds(waiting, "readLimit", h->read_held_ns);
	r |= load_document_add_seconds(waiting, "slowOpens", h->slow_open_ns);
	return r < 0 ? err_origin(-ENOMEM) : 0;
}

static int load_document_add_others(cJSON *object, const struct load_summary *summary)
{
	cJSON *array = cJSON_CreateArray();
	int r = 0;

	for (size_t i = 0; i < summary->others->n_products; i++) {
		const struct other_cpu_product *product = &summary->others->products[i];
		cJSON *item = cJSON_CreateObject();

		r |= json_add_string(item, "name", product->name[0] ? product->name : NULL);
		r |= load_document_add_seconds(item, "cpu", product->cpu_ns);
		r |= json_append(array, item);
	}
	r |= json_add_item(object, "otherAntivirus", array);
	return r | json_add_bool(object, "otherAntivirusCounted", summary->are_others_counted);
}

int load_document_make(
	const struct load_history *h, const struct load_summary *summary, cJSON **itemp)
{
	_cleanup_(json_cleanup) cJSON *object = cJSON_CreateObject();
	int r = object ? 0 : -ENOMEM;

	if (r < 0)
		return err_origin(r);
	r |= json_add_double(object, "asked", summary->asked_pct, 2);
	r |= json_add_double(object, "aim", summary->aim_pct, 2);
	r |= json_add_double(object, "mean", summary->mean_pct, 2);
	r |= json_add_double(object, "p95", load_history_percentile_pct(h, 0.95), 1);
	r |= json_add_double(object, "p99", load_history_percentile_pct(h, 0.99), 1);
	r |= json_add_double(object, "max", h->window_max_pct, 2);
	r |= json_add_uint(object, "windows", h->n_windows);
	r |= json_add_double(object, "cpus", summary->n_cpus, 3);
	r |= json_add_uint(object, "lanes", summary->n_lanes);
	r |= load_document_add_waiting(object, h);
	r |= load_document_add_others(object, summary);
	r |= load_document_add_seconds(object, "governorCpu", h->governor_ns);
	r |= load_document_add_seconds(object, "step", h->step_ns);
	r |= load_document_add_series(object, h, summary->n_cpus);
	r |= load_document_add_histogram(object, h);
	if (r < 0)
		return err_origin(-ENOMEM);
	*itemp = object;
	object = NULL;
	return 0;
}

/* Seconds as nanoseconds. */
static int load_document_get_ns(const cJSON *object, const char *field, uint64_t *nsp)
{
	struct errmsg ignored = ERRMSG_NULL;
	double seconds = 0;

	if (json_get_double(object, field, &seconds, &ignored) != 0 || seconds < 0 ||
		seconds * LOAD_DOCUMENT_SECOND > LOAD_DOCUMENT_NS_MAX)
		return -EINVAL;
	*nsp = (uint64_t)(seconds * LOAD_DOCUMENT_SECOND + 0.5);
	return 0;
}

/* A load as the CPU time that it is of a point. */
static int load_document_get_part(
	const cJSON *item, const char *field, uint64_t active_ns, double n_cpus, uint64_t *partp)
{
	struct errmsg ignored = ERRMSG_NULL;
	double pct = 0;
	double part_ns;

	if (json_get_double(item, field, &pct, &ignored) != 0 || pct < 0)
		return -EINVAL;
	part_ns = pct / 100.0 * (double)active_ns * n_cpus;
	if (!(part_ns <= LOAD_DOCUMENT_NS_MAX))
		return -EINVAL;
	*partp = (uint64_t)part_ns;
	return 0;
}

static int load_document_read_series(const cJSON *object, double n_cpus, struct load_history *h)
{
	const cJSON *series = cJSON_GetObjectItemCaseSensitive(object, "series");
	const cJSON *item;
	int r = 0;

	if (!cJSON_IsArray(series) || cJSON_GetArraySize(series) > LOAD_HISTORY_POINTS_MAX)
		return -EINVAL;
	cJSON_ArrayForEach(item, series)
	{
		struct load_point *point = &h->points[h->n_points++];

		r |= load_document_get_ns(item, "duration", &point->active_ns);
		r |= load_document_get_part(
			item, "asked", point->active_ns, n_cpus, &point->asked_ns);
		r |= load_document_get_part(
			item, "achieved", point->active_ns, n_cpus, &point->cpu_ns);
	}
	return r == 0 ? 0 : -EINVAL;
}

static int load_document_read_histogram(const cJSON *object, struct load_history *h)
{
	const cJSON *histogram = cJSON_GetObjectItemCaseSensitive(object, "histogram");
	const cJSON *item;

	if (!cJSON_IsArray(histogram))
		return -EINVAL;
	cJSON_ArrayForEach(item, histogram)
	{
		const cJSON *pct = cJSON_GetArrayItem(item, 0);
		const cJSON *n = cJSON_GetArrayItem(item, 1);

		if (!cJSON_IsNumber(pct) || !cJSON_IsNumber(n) || !(pct->valuedouble >= 0) ||
			!(2.0 * pct->valuedouble < LOAD_HISTORY_BINS) || !(n->valuedouble >= 0) ||
			!(n->valuedouble < UINT32_MAX))
			return -EINVAL;
		h->bins[(size_t)(2.0 * pct->valuedouble)] = (uint32_t)n->valuedouble;
		h->n_windows += (uint32_t)n->valuedouble;
	}
	return 0;
}

static int load_document_read_others(const cJSON *object, struct other_cpu *others)
{
	const cJSON *array = NULL;
	struct errmsg ignored = ERRMSG_NULL;
	const cJSON *item;
	int r = json_optional(json_get_array(object, "otherAntivirus", &array, &ignored));

	if (r < 0 || cJSON_GetArraySize(array) > OTHER_CPU_PRODUCTS_MAX)
		return -EINVAL;
	cJSON_ArrayForEach(item, array)
	{
		const char *name = "";
		uint64_t cpu_ns = 0;

		r |= json_optional(
			json_get_string(item, "name", OTHER_CPU_NAME_MAX - 1, &name, &ignored));
		r |= load_document_get_ns(item, "cpu", &cpu_ns);
		other_cpu_add(others, name, cpu_ns);
	}
	return r == 0 ? 0 : -EINVAL;
}

static int load_document_parse(const cJSON *object, struct load_history *h)
{
	const cJSON *waiting = cJSON_GetObjectItemCaseSensitive(object, "waiting");
	struct errmsg ignored = ERRMSG_NULL;
	double n_cpus = 0;
	int r = json_get_double(object, "cpus", &n_cpus, &ignored);

	if (r != 0 || !(n_cpus > 0) || !cJSON_IsObject(waiting))
		return -EINVAL;
	r |= load_document_get_ns(object, "step", &h->step_ns);
	r |= load_document_get_ns(object, "governorCpu", &h->governor_ns);
	r |= load_document_get_ns(waiting, "budget", &h->budget_wait_ns);
	r |= load_document_get_ns(waiting, "disk", &h->disk_wait_ns);
	r |= load_document_get_ns(waiting, "backedOff", &h->backed_off_ns);
	r |= load_document_get_ns(waiting, "readLimit", &h->read_held_ns);
	if (cJSON_GetObjectItemCaseSensitive(waiting, "slowOpens"))
		r |= load_document_get_ns(waiting, "slowOpens", &h->slow_open_ns);
	if (r != 0 || h->step_ns < LOAD_HISTORY_STEP_NS ||
		json_get_double(object, "max", &h->window_max_pct, &ignored) != 0)
		return -EINVAL;
	r = load_document_read_series(object, n_cpus, h);
	return r < 0 ? r : load_document_read_histogram(object, h);
}

int load_document_read(const char *text, struct load_history *h, struct other_cpu *others)
{
	_cleanup_(json_cleanup) cJSON *object = NULL;
	struct errmsg ignored = ERRMSG_NULL;
	size_t n = strnlen(text, LOAD_DOCUMENT_MAX + 1);
	int r = -EINVAL;

	load_history_init(h);
	other_cpu_init(others);
	if (n <= LOAD_DOCUMENT_MAX && json_parse(text, n, &object, &ignored) == 0)
		r = load_document_parse(object, h);
	if (r == 0)
		r = load_document_read_others(object, others);
	if (r < 0) { /* nothing of a document that is not whole */
		load_history_init(h);
		other_cpu_init(others);
	}
	return r;
}
