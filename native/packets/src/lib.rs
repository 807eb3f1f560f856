//! Packets in, bidirectional flows out. No policy, no Python.
