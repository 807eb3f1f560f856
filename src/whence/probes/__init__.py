"""One question a file; each is found by being there."""
