// SPDX-License-Identifier: (GPL-2.0 OR BSD-2-Clause)
/* What a sensor could not tell, and what it counts beside: COUNTERS numbers for each processor, user space sums. */
#pragma once

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, COUNTERS);
	__type(key, u32);
	__type(value, u64);
} counters SEC(".maps");

static __always_inline void count_more(u32 which, u64 number)
{
	u64 *value = bpf_map_lookup_elem(&counters, &which);

	if (value)
		*value += number;
}

static __always_inline void count(u32 which)
{
	count_more(which, 1);
}
