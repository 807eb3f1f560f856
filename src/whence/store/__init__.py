"""Cases and the history of connections, on disk."""
