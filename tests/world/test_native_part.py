import subprocess
import sys

import pytest

from whence.model import CannotAsk
from whence.world.native_part import load_native_part

WITHOUT = (
    "import sys\n"
    "sys.modules['whence._native'] = None\n"
    "from whence.inquiry.doctor import _packets\n"
    "print(next(_packets()))\n"
)


def test_it_is_there() -> None:
    load_native_part()


def test_without_it_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "whence._native", None)
    with pytest.raises(CannotAsk) as reason:
        load_native_part()
    assert "make install" in reason.value.try_


def test_the_doctor_can_be_asked_without_it() -> None:
    told = subprocess.run(
        [sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=True
    )
    assert "works=False" in told.stdout
