from __future__ import annotations

from pathlib import Path

import pytest

from whence.model import BadSettings
from whence.world.post import NO_SECRET, Secret, verifying


def test_a_secret_shows_itself_only_when_asked_by_name() -> None:
    secret = Secret("hunter2")
    assert "hunter2" not in f"{secret} {secret!r} {[secret]}"
    assert secret.reveal() == "hunter2"
    assert secret
    assert not NO_SECRET


def test_certificates_and_names_are_checked() -> None:
    context = verifying(None)
    assert context.check_hostname
    assert context.verify_mode.name == "CERT_REQUIRED"


def test_a_file_that_holds_no_certificate(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("not a certificate")
    with pytest.raises(BadSettings, match="not a file of certificates"):
        verifying(tmp_path / "ca.pem")
