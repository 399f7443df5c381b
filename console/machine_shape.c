/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libuv knows the interfaces; the form of a MAC address is Defender's. */
#include "machine_shape.h"

#include <stdio.h>
#include <uv.h>

static void machine_shape_add(struct machine_addresses *addresses, uv_interface_address_t *found)
{
	struct machine_address *address = &addresses->list[addresses->n];
	const unsigned char *mac = (const unsigned char *)found->phys_addr;
	static const unsigned char none[6];
	int r = found->address.address4.sin_family == AF_INET
			? uv_ip4_name(&found->address.address4, address->ip, sizeof(address->ip))
			: uv_ip6_name(&found->address.address6, address->ip, sizeof(address->ip));

	if (r < 0)
		return;
	address->mac[0] = '\0';
	if (memcmp(mac, none, sizeof(none)) != 0)
		(void)snprintf(address->mac, sizeof(address->mac), "%02X%02X%02X%02X%02X%02X",
			mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	addresses->n++;
}

int machine_shape_read(struct machine_addresses *addresses)
{
	static const int families[] = {AF_INET, AF_INET6};
	uv_interface_address_t *found = NULL;
	int n = 0;
	int r = uv_interface_addresses(&found, &n);

	if (r < 0)
		return r;
	addresses->n = 0;
	for (size_t f = 0; f < 2; f++)
		for (int i = 0; i < n && addresses->n < MACHINE_SHAPE_ADDRESSES_MAX; i++)
			if (!found[i].is_internal &&
				found[i].address.address4.sin_family == families[f])
				machine_shape_add(addresses, &found[i]);
	uv_free_interface_addresses(found, n);
	return 0;
}

static cJSON *machine_shape_list(const struct machine_addresses *addresses)
{
	cJSON *list = cJSON_CreateArray();
	int r = list ? 0 : err_origin(-ENOMEM);

	for (size_t i = 0; i < addresses->n && r == 0; i++) {
		const struct machine_address *address = &addresses->list[i];
		cJSON *item = cJSON_CreateObject();

		r = json_add_string(item, "ipAddress", address->ip);
		r |= json_add_string(
			item, "macAddress", address->mac[0] != '\0' ? address->mac : NULL);
		r |= json_add_string(item, "type", "Ethernet");
		r |= json_add_string(item, "operationalStatus", "Up");
		if (r == 0)
			r = json_append(list, item);
		else
			cJSON_Delete(item);
	}
	if (r == 0)
		return list;
	cJSON_Delete(list);
	return NULL;
}

cJSON *machine_shape(const cJSON *machine, const struct machine_addresses *addresses)
{
	cJSON *shaped = cJSON_CreateObject();
	int r = shaped ? 0 : err_origin(-ENOMEM);

	for (const cJSON *item = machine ? machine->child : NULL; item && r == 0;
		item = item->next) {
		if (addresses->n > 0 && strcmp(item->string, "lastIpAddress") == 0 &&
			cJSON_IsNull(item))
			r = json_add_string(shaped, item->string, addresses->list[0].ip);
		else if (strcmp(item->string, "ipAddresses") == 0 && !item->child)
			r = json_add_item(shaped, item->string, machine_shape_list(addresses));
		else
			r = json_add_item(shaped, item->string, cJSON_Duplicate(item, true));
	}
	if (r == 0)
		return shaped;
	cJSON_Delete(shaped);
	return NULL;
}
