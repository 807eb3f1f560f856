"""Numbers as people write them, never with an exponent."""

from __future__ import annotations


def three_digits(value: float) -> str:
    """Write a number with three digits, or all of those before the point: 1.5, 24.3, 1,000."""
    text = f"{value:.3g}"
    return f"{value:,.0f}" if "e+" in text else text
