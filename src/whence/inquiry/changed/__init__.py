"""What was changed on a host: one source a file, each read for a span of time."""
