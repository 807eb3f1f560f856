"""One watcher a file; each runs as an operating-system process of its own."""
