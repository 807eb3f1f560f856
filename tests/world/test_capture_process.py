from pathlib import Path

from whence.model.capture import CaptureSettings, CaptureStatus
from whence.world.capture_process import CaptureProcess


def test_a_capture_that_is_told_to_end_before_it_has_begun_has_nothing(tmp_path: Path) -> None:
    settings = CaptureSettings("any", str(tmp_path / "capture"), ())
    with CaptureProcess(settings) as capture:
        capture.end()
        assert [*capture.statuses()] == [CaptureStatus(ended=True)]
    assert not (tmp_path / "capture").exists()


def test_a_folder_that_was_there_or_is_not_empty_stays(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    for name in ("there", "filled"):
        settings = CaptureSettings("any", str(tmp_path / name), ())
        with CaptureProcess(settings) as capture:
            if name == "filled":
                (tmp_path / name / "0001.pcapng").touch()
            capture.end()
        assert (tmp_path / name).is_dir()
