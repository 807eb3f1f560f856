//! NetFlow v5 and v9, IPFIX and sFlow v5. Datagrams in, flow records out.
