from pathlib import Path

from whence.model.capture import CaptureSettings, CaptureStatus
from whence.world.capture_process import CaptureProcess


def test_a_capture_that_is_told_to_end_before_it_has_begun_has_nothing(tmp_path: Path) -> None:
    settings = CaptureSettings("any", str(tmp_path / "capture"), ())
    with CaptureProcess(settings) as capture:
        capture.end()
        assert [*capture.statuses()] == [CaptureStatus(ended=True)]
