import os

import pytest

from whence.model import NotPermitted
from whence.world.this_host import asking_for


@pytest.mark.parametrize(("user", "advice"), [(1000, "run it as root"), (0, None)])
def test_root_is_not_told_to_become_root(
    monkeypatch: pytest.MonkeyPatch, user: int, advice: str | None
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user)
    with pytest.raises(NotPermitted) as refusal, asking_for("/proc/1/environ"):
        raise PermissionError
    assert (refusal.value.try_ or None) == advice
    assert str(refusal.value).startswith("may not read /proc/1/environ")
