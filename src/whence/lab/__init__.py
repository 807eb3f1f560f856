"""A small office in network namespaces, with a mystery in it."""
