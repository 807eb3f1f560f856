// SPDX-License-Identifier: (GPL-2.0 OR BSD-2-Clause)
/* Counting what flows, and telling user space of it. */
#pragma once

#include "owners.h"

static __always_inline void attempt_at(struct flow_key *key, u64 now)
{
	struct flow *flow = bpf_map_lookup_elem(&flows, key);

	if (!flow)
		flow = begin(key, now);
	if (!flow)
		return count(FLOWS_FULL); /* every event will be told of, but none is counted */
	flow->last = now;
	add(&flow->attempts, 1);
}

static __always_inline void attempt(struct flow_key *key)
{
	attempt_at(key, bpf_ktime_get_coarse_ns());
}

/* Say whether one more event of this flow may go to user space in this moment. */
static __always_inline bool allowed(struct flow *flow)
{
	u32 window = bpf_ktime_get_coarse_ns() / WINDOW;

	if (flow->window != window) {
		flow->window = window;
		flow->window_events = 0;
	}
	return flow->window_events++ < WINDOW_EVENTS;
}

struct ends {
	struct address local;
	u16 local_port;
	u16 peer_port;
	u32 interface;
	u64 cookie;
};

/*
 * Tell user space of one connection, the first packet to a peer, or a listener. If the ring is
 * full, or the flow is too busy, its counters will tell: user space looks at them every second.
 */
static __noinline int tell(struct flow_key *key, struct flow *flow, struct ends *ends)
{
	if (!key || !ends || (flow && !allowed(flow)))
		return 0;
	struct connection_event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

	if (!event) {
		count(flow ? EVENTS_MERGED : EVENTS_DROPPED);
		return 0;
	}
	event->type = CONNECTION;
	event->at = bpf_ktime_get_boot_ns();
	event->key = *key;
	event->local = ends->local;
	event->local_port = ends->local_port;
	event->peer_port = ends->peer_port;
	event->interface = ends->interface;
	event->cookie = ends->cookie;
	event->unused = 0;
	bpf_ringbuf_submit(event, 0);
	count(EVENTS);
	if (!flow)
		return 1;
	add(&flow->emitted, 1);
	flow->cookie = ends->cookie;
	flow->local = ends->local;
	flow->local_port = ends->local_port;
	return 1;
}
