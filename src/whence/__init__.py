"""Tell who makes a piece of network traffic, and why."""

__version__ = "0.1.0"
