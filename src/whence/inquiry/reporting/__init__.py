"""What a case came to, as one value, and its forms: for people, for other programs."""
