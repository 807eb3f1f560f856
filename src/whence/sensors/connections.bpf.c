// SPDX-License-Identifier: (GPL-2.0 OR BSD-2-Clause)
/*
 * The connection sensor: which process calls whom, whom it listens for, and where it came from.
 *
 * Four kinds of hooks work together.
 *   1. Scheduler tracepoints keep, for each process, its parent at fork and what it executed
 *      (procs, execs), so that nothing has to be looked up when everybody is dead.
 *   2. Socket hooks of the root cgroup run in the process that makes the call and write its
 *      name into the socket's own storage (owners). The storage lives as long as the socket and
 *      is inherited by accepted sockets, so there is nothing to evict and nothing to race for.
 *   3. sockops and the packet hooks know the addresses as they are on the wire. They find the
 *      process in the socket's storage, count in flows, and tell user space of each new thing.
 *   4. Iterators do the same for what existed before.
 *
 * An address is always 16 bytes; an IPv4 address is written as IPv6 writes it (::ffff:a.b.c.d,
 * RFC 4291 2.5.5.2), and so IPv4 through an IPv6 socket needs no case of its own.
 * Ports are in host byte order. connection_records.py reads what connections/records.h lays out.
 */
#include "connections/processes.h"
#include "connections/owners.h"
#include "connections/calls.h"
#include "connections/refused.h"
#include "connections/tcp.h"
#include "connections/packets.h"
#include "connections/before.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";
