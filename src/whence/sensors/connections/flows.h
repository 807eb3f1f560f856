// SPDX-License-Identifier: (GPL-2.0 OR BSD-2-Clause)
/* Who talks to whom. */
#pragma once

#include "addresses.h"
#include "telling_processes.h"

static __noinline struct flow *begin(struct flow_key *key, u64 now)
{
	struct flow new = {};

	if (!key)
		return NULL;
	new.first = new.last = now;
	bpf_map_update_elem(&flows, key, &new, BPF_NOEXIST);
	return bpf_map_lookup_elem(&flows, key);
}

static __always_inline struct flow *flow_of(struct flow_key *key)
{
	struct flow *flow = bpf_map_lookup_elem(&flows, key);

	return flow ?: begin(key, bpf_ktime_get_coarse_ns());
}

/*
 * Count the datagrams that wait. This comes before whatever changes the key of an owner, and before
 * its socket goes; so what is late is in the right flow, and is never lost.
 */
static __noinline int settle(struct owner *owner)
{
	if (!owner || !owner->waiting)
		return 0;
	u64 waiting = __sync_lock_test_and_set(&owner->waiting, 0);
	u64 now = bpf_ktime_get_ns(); /* the coarse clock is not for tracing */
	struct flow *flow = bpf_map_lookup_elem(&flows, &owner->key) ?: begin(&owner->key, now);

	if (!flow) {
		count(FLOWS_FULL);
		return 0;
	}
	flow->last = now;
	add(&flow->packets_sent, waiting / WAITING);
	add(&flow->bytes_sent, waiting % WAITING);
	return 0;
}
