// SPDX-License-Identifier: (GPL-2.0 OR BSD-2-Clause)
/* Addresses of 16 bytes. */
#pragma once

#include "records.h"

static __always_inline struct address from_v4(u32 address)
{
	struct address mapped = { { 0, 0, bpf_htonl(0xffff), address } };

	return mapped;
}

static __always_inline bool same_address(const struct address *a, const struct address *b)
{
	return a->words[3] == b->words[3] && a->words[2] == b->words[2] &&
	       a->words[1] == b->words[1] && a->words[0] == b->words[0];
}
