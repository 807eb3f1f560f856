//! What machines are called, as they say it themselves in packets. Bytes in, names out.
