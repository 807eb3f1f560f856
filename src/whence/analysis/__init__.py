"""Sightings in, findings out: pure functions over values."""
