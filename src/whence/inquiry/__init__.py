"""Which question next, asking it, and what the answers add up to."""
