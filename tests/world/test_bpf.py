"""Loading programs into the kernel, and what is said where that is not possible."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from whence.model import CannotAsk
from whence.world import bpf
from whence.world.bpf import BpfObject, open_root_cgroup, packaged

HYBRID = """\
31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd
41 31 0:38 /machine {below} rw,relatime - cgroup2 cgroup2 rw
42 31 0:38 / {root} rw,relatime - cgroup2 cgroup2 rw
"""


def test_the_root_of_the_unified_hierarchy_is_found_on_a_hybrid_host(tmp_path: Path) -> None:
    root, below = tmp_path / "with blank", tmp_path / "below"
    root.mkdir()
    below.mkdir()
    mounts = tmp_path / "mountinfo"
    mounts.write_text(HYBRID.format(root=str(root).replace(" ", r"\040"), below=below))
    opened = open_root_cgroup(str(mounts))
    try:
        assert os.path.samestat(os.fstat(opened), root.stat())
    finally:
        os.close(opened)


def test_what_is_no_object_is_refused_with_the_reason(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CannotAsk) as refused:
        BpfObject(b"\x7fELF and nothing more", -1)
    assert refused.value.because
    assert capfd.readouterr().err == ""


def test_a_machine_without_libbpf(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bpf, "LIBRARIES", ("libbpf.so.none",))
    bpf.libbpf.cache_clear()
    try:
        with pytest.raises(CannotAsk, match="not installed") as refused:
            bpf.libbpf()
    finally:
        bpf.libbpf.cache_clear()
    assert "libbpf1" in refused.value.try_


def test_a_kernel_that_does_not_describe_its_types(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bpf, "BTF", "/sys/kernel/btf/none")
    with pytest.raises(CannotAsk) as refused:
        bpf.Kernel.open()
    assert refused.value.because == "there is no /sys/kernel/btf/none"


def test_an_object_that_was_not_built_is_empty() -> None:
    assert packaged("whence.sensors", "nothing.bpf.o") == b""
    assert packaged("whence.sensors", "connections.bpf.o").startswith(b"\x7fELF")


def test_an_ordinary_user_is_told_what_is_missing() -> None:
    code = (
        "import os; from whence.sensors import ebpf, __main__ as sensors\n"
        "os.getuid() == 0 and os.setresuid(65534, 65534, 65534)\n"
        "raise SystemExit(sensors.main(['--level', 'ebpf']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 77
    assert "CAP_BPF" in done.stdout
    assert done.stderr == ""
