"""One story a file or folder; each is found by being there."""
