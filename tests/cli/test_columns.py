import pytest

from whence.cli.columns import size


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1500, "1.5 kB"),
        (999_400, "999 kB"),
        (999_600, "1 MB"),
        (999_600_000, "1 GB"),
        (2_400_000_000, "2.4 GB"),
        (5e15, "5,000 TB"),
    ],
)
def test_a_size_has_a_unit_and_no_exponent(count: float, text: str) -> None:
    assert size(count) == text
