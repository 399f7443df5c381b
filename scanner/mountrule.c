/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table. Pseudo file systems hold no files of anybody's, but objects of
 * the kernel that act when read. devtmpfs is among them: what it may hold
 * besides nodes is gone at the next boot and is covered by the executables of
 * running processes. Cluster file systems count as network: they can hang with
 * their peers. virtiofs is FUSE with a host at the other end.
 */
#include "mountrule.h"

struct mountrule_row {
	const char *type;
	enum mountrule_class class;
};

static const struct mountrule_row mountrule_rows[] = {
	{"9p", MOUNTRULE_NETWORK},
	{"afs", MOUNTRULE_NETWORK},
	{"autofs", MOUNTRULE_AUTOFS},
	{"beegfs", MOUNTRULE_NETWORK},
	{"binder", MOUNTRULE_PSEUDO},
	{"binfmt_misc", MOUNTRULE_PSEUDO},
	{"bpf", MOUNTRULE_PSEUDO},
	{"ceph", MOUNTRULE_NETWORK},
	{"cgroup", MOUNTRULE_PSEUDO},
	{"cgroup2", MOUNTRULE_PSEUDO},
	{"cifs", MOUNTRULE_NETWORK},
	{"coda", MOUNTRULE_NETWORK},
	{"configfs", MOUNTRULE_PSEUDO},
	{"cpuset", MOUNTRULE_PSEUDO},
	{"debugfs", MOUNTRULE_PSEUDO},
	{"devpts", MOUNTRULE_PSEUDO},
	{"devtmpfs", MOUNTRULE_PSEUDO},
	{"dlmfs", MOUNTRULE_PSEUDO},
	{"drvfs", MOUNTRULE_NETWORK},
	{"efivarfs", MOUNTRULE_PSEUDO},
	{"functionfs", MOUNTRULE_PSEUDO},
	{"fuse", MOUNTRULE_FUSE},
	{"fusectl", MOUNTRULE_PSEUDO},
	{"gfs2", MOUNTRULE_NETWORK},
	{"glusterfs", MOUNTRULE_NETWORK},
	{"gpfs", MOUNTRULE_NETWORK},
	{"hugetlbfs", MOUNTRULE_PSEUDO},
	{"lustre", MOUNTRULE_NETWORK},
	{"mqueue", MOUNTRULE_PSEUDO},
	{"ncp", MOUNTRULE_NETWORK},
	{"ncpfs", MOUNTRULE_NETWORK},
	{"nfs", MOUNTRULE_NETWORK},
	{"nfs4", MOUNTRULE_NETWORK},
	{"nfsd", MOUNTRULE_PSEUDO},
	{"nsfs", MOUNTRULE_PSEUDO},
	{"ocfs2", MOUNTRULE_NETWORK},
	{"orangefs", MOUNTRULE_NETWORK},
	{"panfs", MOUNTRULE_NETWORK},
	{"pipefs", MOUNTRULE_PSEUDO},
	{"prl_fs", MOUNTRULE_NETWORK},
	{"proc", MOUNTRULE_PSEUDO},
	{"pstore", MOUNTRULE_PSEUDO},
	{"pvfs2", MOUNTRULE_NETWORK},
	{"resctrl", MOUNTRULE_PSEUDO},
	{"rpc_pipefs", MOUNTRULE_PSEUDO},
	{"securityfs", MOUNTRULE_PSEUDO},
	{"selinuxfs", MOUNTRULE_PSEUDO},
	{"smackfs", MOUNTRULE_PSEUDO},
	{"smb3", MOUNTRULE_NETWORK},
	{"smbfs", MOUNTRULE_NETWORK},
	{"sockfs", MOUNTRULE_PSEUDO},
	{"sysfs", MOUNTRULE_PSEUDO},
	{"tracefs", MOUNTRULE_PSEUDO},
	{"vboxsf", MOUNTRULE_NETWORK},
	{"virtiofs", MOUNTRULE_FUSE},
	{"vmhgfs", MOUNTRULE_NETWORK},
	{"xenfs", MOUNTRULE_PSEUDO},
};

enum mountrule_class mountrule_classify(struct span type)
{
	static const char fuse_dot[] = "fuse.";

	for (size_t i = 0; i < sizeof(mountrule_rows) / sizeof(mountrule_rows[0]); i++)
		if (span_equal(type, span_str(mountrule_rows[i].type)))
			return mountrule_rows[i].class;
	if (type.n >= sizeof(fuse_dot) - 1 &&
		memcmp(type.data, fuse_dot, sizeof(fuse_dot) - 1) == 0)
		return MOUNTRULE_FUSE;
	return MOUNTRULE_LOCAL;
}

bool mountrule_allows(enum mountrule_class class, enum scan_type type)
{
	switch (class) {
	case MOUNTRULE_LOCAL:
		return true;
	case MOUNTRULE_NETWORK:
	case MOUNTRULE_FUSE:
		return type == SCAN_TYPE_CUSTOM;
	case MOUNTRULE_PSEUDO:
	case MOUNTRULE_AUTOFS:
		break;
	}
	return false;
}
