// SPDX-License-Identifier: (GPL-2.0 OR BSD-2-Clause)
/* Paths, names of control groups, logins. */
#pragma once

#include "records.h"

/*
 * Write the path of a file into the first PATH_TEXT bytes of text, from their end backwards;
 * as prepend_path() of fs/d_path.c, but up to the root of the mount tree, so that a process in
 * a chroot or container is named by the host's path where there is one. Gives where it begins.
 */
static __noinline u32 write_path(struct path *path, char *text)
{
	struct dentry *dentry = BPF_CORE_READ(path, dentry);
	struct vfsmount *vfsmount = BPF_CORE_READ(path, mnt);
	struct mount *mount = (void *)vfsmount - bpf_core_field_offset(struct mount, mnt);
	u32 begins = PATH_TEXT - 1;

	for (int step = 0; step < PATH_STEPS; step++) {
		struct dentry *parent = BPF_CORE_READ(dentry, d_parent);

		if (dentry == BPF_CORE_READ(mount, mnt.mnt_root)) {
			struct mount *below = BPF_CORE_READ(mount, mnt_parent);

			if (below == mount)
				break;
			dentry = BPF_CORE_READ(mount, mnt_mountpoint);
			mount = below;
			continue;
		}
		if (dentry == parent)
			break;
		u32 length = BPF_CORE_READ(dentry, d_name.len) & (LONGEST_NAME - 1);

		if (begins < length + 1)
			break;
		begins = (begins - length) & (PATH_TEXT - 1);
		bpf_probe_read_kernel(&text[begins], length, BPF_CORE_READ(dentry, d_name.name));
		begins = (begins - 1) & (PATH_TEXT - 1);
		text[begins] = '/';
		dentry = parent;
	}
	if (begins == PATH_TEXT - 1) { /* the root, or a file that never had a directory: memfd */
		u32 length = BPF_CORE_READ(dentry, d_name.len) & (LONGEST_NAME - 1);

		begins = (begins - length) & (PATH_TEXT - 1);
		bpf_probe_read_kernel(&text[begins], length, BPF_CORE_READ(dentry, d_name.name));
	}
	return begins;
}

static __always_inline struct kernfs_node *above(struct kernfs_node *node)
{
	struct kernfs_node___before_6_15 *older = (void *)node;

	if (bpf_core_field_exists(older->parent))
		return BPF_CORE_READ(older, parent);
	return BPF_CORE_READ(node, __parent);
}

/*
 * On a hybrid host everybody is in the root of the unified hierarchy; units are in the one that
 * is named "systemd": cgroups(7). The links of a css_set lead to its cgroup in each hierarchy.
 */
static __always_inline struct kernfs_node *named_systemd(struct css_set *set)
{
	void *end = (void *)set + bpf_core_field_offset(struct css_set, cgrp_links);
	struct list_head *at = BPF_CORE_READ(set, cgrp_links.next);

	for (int i = 0; i < HIERARCHIES; i++) {
		char name[8] = {};

		if (!at || at == end)
			return NULL;
		struct cgrp_cset_link *link =
			(void *)at - bpf_core_field_offset(struct cgrp_cset_link, cgrp_link);

		bpf_probe_read_kernel(name, sizeof(name), &BPF_CORE_READ(link, cgrp, root)->name);
		if (!__builtin_memcmp(name, "systemd", sizeof(name)))
			return BPF_CORE_READ(link, cgrp, kn);
		at = BPF_CORE_READ(at, next);
	}
	return NULL;
}

static __always_inline void name_cgroups(struct process_event *event, struct task_struct *task)
{
	struct css_set *set = BPF_CORE_READ(task, cgroups);
	struct kernfs_node *node = BPF_CORE_READ(set, dfl_cgrp, kn);
	u32 names = 0;

	if (node && !above(node)) {
		struct kernfs_node *older = named_systemd(set);

		node = older ?: node;
	}

	for (int i = 0; i < CGROUP_NAMES; i++) {
		struct kernfs_node *parent = node ? above(node) : NULL;

		event->cgroup[i][0] = 0;
		if (!parent) /* the root has no name */
			continue;
		bpf_probe_read_kernel_str(event->cgroup[i], CGROUP_NAME, BPF_CORE_READ(node, name));
		node = parent;
		names = i + 1;
	}
	if (node && above(node))
		names = NO_NUMBER; /* it goes on above: user space has to ask */
	event->cgroup_names = names;
}

static __always_inline u32 login_of(struct task_struct *task)
{
	if (!bpf_core_field_exists(task->loginuid)) /* a kernel without CONFIG_AUDIT */
		return NO_NUMBER;
	return BPF_CORE_READ(task, loginuid.val);
}

static __always_inline u32 session_of(struct task_struct *task)
{
	if (!bpf_core_field_exists(task->sessionid))
		return NO_NUMBER;
	return BPF_CORE_READ(task, sessionid);
}
