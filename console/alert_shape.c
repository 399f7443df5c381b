/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One table in the order of Defender's answers: where each field comes from. */
#include "alert_shape.h"

#include "alert_id.h"

#include <stdlib.h>
#include <string.h>

/* value: a constant; from: a field of the daemon's; neither: null. */
static const struct {
	const char *name;
	const char *from;
	const char *value;
} alert_shape_fields[] = {
	{"incidentId", NULL, NULL},
	{"investigationId", NULL, NULL},
	{"assignedTo", "assignedTo", NULL},
	{"severity", "severity", NULL},
	{"status", "status", NULL},
	{"classification", "classification", NULL},
	{"determination", "determination", NULL},
	{"investigationState", NULL, "UnsupportedOs"},
	{"detectionSource", NULL, "WindowsDefenderAv"},
	{"detectorId", NULL, NULL},
	{"category", "category", NULL},
	{"threatFamilyName", NULL, NULL},
	{"threatName", "threatName", NULL},
	{"title", "title", NULL},
	{"description", "title", NULL},
	{"alertCreationTime", "alertCreationTime", NULL},
	{"firstEventTime", "alertCreationTime", NULL},
	{"lastEventTime", "lastUpdateTime", NULL},
	{"lastUpdateTime", "lastUpdateTime", NULL},
	{"resolvedTime", "resolvedTime", NULL},
	{"machineId", "machineId", NULL},
	{"computerDnsName", "computerDnsName", NULL},
	{"rbacGroupName", NULL, NULL},
	{"aadTenantId", NULL, NULL},
	{"relatedUser", NULL, NULL},
};

static const char *const alert_shape_more[] = {"scanId", "threatId", "detections"};

/* Of evidence; those without a source are null for a file. */
static const struct {
	const char *name;
	const char *from;
	const char *value;
} alert_shape_evidence[] = {
	{"entityType", NULL, "File"},
	{"evidenceCreationTime", "time", NULL},
	{"sha1", "sha1", NULL},
	{"sha256", "sha256", NULL},
	{"fileName", NULL, NULL},
	{"filePath", NULL, NULL},
	{"processId", NULL, NULL},
	{"processCommandLine", NULL, NULL},
	{"processCreationTime", NULL, NULL},
	{"parentProcessId", NULL, NULL},
	{"parentProcessCreationTime", NULL, NULL},
	{"parentProcessFileName", NULL, NULL},
	{"parentProcessFilePath", NULL, NULL},
	{"ipAddress", NULL, NULL},
	{"url", NULL, NULL},
	{"registryKey", NULL, NULL},
	{"registryHive", NULL, NULL},
	{"registryValueType", NULL, NULL},
	{"registryValue", NULL, NULL},
	{"registryValueName", NULL, NULL},
	{"accountName", NULL, NULL},
	{"domainName", NULL, NULL},
	{"userSid", NULL, NULL},
	{"aadUserId", NULL, NULL},
	{"userPrincipalName", NULL, NULL},
	{"detectionStatus", NULL, "Detected"},
	/* What ours has besides: what was done with the file. */
	{"remediationStatus", "remediationStatus", NULL},
	{"remediationAction", "remediationAction", NULL},
	{"remediationBy", "remediationBy", NULL},
	{"quarantineId", "quarantineId", NULL},
};

/* A field of the daemon's as it is; null when it is not there. */
static int alert_shape_copy(cJSON *object, const char *name, const cJSON *row, const char *from)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(row, from);

	return item ? json_add_item(object, name, cJSON_Duplicate(item, true))
		    : json_add_null(object, name);
}

/* In Defender's form; what is no GUID stays as it is. */
static int alert_shape_add_id(cJSON *object, const cJSON *row)
{
	const char *guid = "";
	char id[ALERT_ID_SIZE];

	(void)json_get_string(row, "id", SIZE_MAX, &guid, NULL);
	return json_add_string(object, "id", alert_id_write(guid, id) ? id : guid);
}

/* "/usr/bin/x" is the file "x" in the folder "/usr/bin". */
static int alert_shape_add_path(cJSON *object, const char *path, bool is_name)
{
	const char *slash = strrchr(path, '/');
	char *folder;
	int r;

	if (is_name)
		return json_add_string(object, "fileName", slash ? slash + 1 : path);
	if (!slash)
		return json_add_null(object, "filePath");
	folder = strndup(path, slash == path ? 1 : (size_t)(slash - path));
	r = folder ? json_add_string(object, "filePath", folder) : err_origin(-ENOMEM);
	free(folder);
	return r;
}

static cJSON *alert_shape_one_evidence(const cJSON *detection)
{
	cJSON *object = cJSON_CreateObject();
	const char *path = "";
	int r = 0;

	(void)json_get_string(detection, "path", SIZE_MAX, &path, NULL);
	for (size_t i = 0; i < sizeof(alert_shape_evidence) / sizeof(alert_shape_evidence[0]);
		i++) {
		const char *name = alert_shape_evidence[i].name;

		if (alert_shape_evidence[i].from)
			r |= alert_shape_copy(
				object, name, detection, alert_shape_evidence[i].from);
		else if (strncmp(name, "file", 4) == 0)
			r |= alert_shape_add_path(object, path, strcmp(name, "fileName") == 0);
		else
			r |= json_add_string(object, name, alert_shape_evidence[i].value);
	}
	if (r == 0)
		return object;
	cJSON_Delete(object);
	return NULL;
}

static int alert_shape_add_evidence(cJSON *object, const cJSON *evidence)
{
	cJSON *list = cJSON_CreateArray();
	int r = list ? 0 : err_origin(-ENOMEM);

	for (const cJSON *item = evidence ? evidence->child : NULL; item && r == 0;
		item = item->next)
		r = json_append(list, alert_shape_one_evidence(item));
	return r | json_add_item(object, "evidence", list);
}

cJSON *alert_shape(const cJSON *row, const cJSON *evidence)
{
	cJSON *object = cJSON_CreateObject();
	const cJSON *comments = cJSON_GetObjectItemCaseSensitive(row, "comments");
	int r = alert_shape_add_id(object, row);

	for (size_t i = 0; i < sizeof(alert_shape_fields) / sizeof(alert_shape_fields[0]); i++) {
		if (alert_shape_fields[i].from)
			r |= alert_shape_copy(object, alert_shape_fields[i].name, row,
				alert_shape_fields[i].from);
		else
			r |= json_add_string(
				object, alert_shape_fields[i].name, alert_shape_fields[i].value);
	}
	r |= json_add_item(object, "mitreTechniques", cJSON_CreateArray());
	r |= json_add_item(object, "comments",
		comments ? cJSON_Duplicate(comments, true) : cJSON_CreateArray());
	r |= alert_shape_add_evidence(object, evidence);
	for (size_t i = 0; i < sizeof(alert_shape_more) / sizeof(alert_shape_more[0]); i++)
		r |= alert_shape_copy(object, alert_shape_more[i], row, alert_shape_more[i]);
	if (r == 0)
		return object;
	cJSON_Delete(object);
	return NULL;
}

cJSON *alert_shape_detection(const cJSON *row, const cJSON *evidence)
{
	cJSON *object = cJSON_Duplicate(row, true);
	cJSON *item = cJSON_GetObjectItemCaseSensitive(object, "alertId");
	char id[ALERT_ID_SIZE];

	(void)evidence;
	if (!cJSON_IsString(item) || !alert_id_write(item->valuestring, id) ||
		cJSON_SetValuestring(item, id))
		return object;
	cJSON_Delete(object);
	return NULL;
}

cJSON *alert_shape_known(void)
{
	cJSON *known = cJSON_CreateObject();
	int r = known ? 0 : -ENOMEM;

	for (size_t i = 0; i < sizeof(alert_shape_fields) / sizeof(alert_shape_fields[0]); i++)
		if (!alert_shape_fields[i].from)
			r |= json_add_string(
				known, alert_shape_fields[i].name, alert_shape_fields[i].value);
	if (r == 0)
		return known;
	cJSON_Delete(known);
	return NULL;
}
