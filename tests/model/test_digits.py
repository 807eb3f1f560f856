import pytest

from whence.model.digits import three_digits


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (1.5, "1.5"), (24.34, "24.3"), (999.4, "999"), (999.6, "1,000"), (12345, "12,345")],
)
def test_no_number_has_an_exponent(value: float, text: str) -> None:
    assert three_digits(value) == text
