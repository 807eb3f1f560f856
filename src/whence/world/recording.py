"""A host that keeps what it was asked: what makes a case replayable."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import quote, unquote

from whence.model import CannotAsk, Flow, Process, Reading
from whence.world.contracts import Host, PacketWitness, Witness
from whence.world.recorded import BOOT_ID, Answer

Keep = Callable[[str, Answer], None]


class RecordingHost:
    """Asks another host, and hands each answer, also a refusal, to ``keep``."""

    def __init__(self, host: Host, keep: Keep) -> None:
        self.name = host.name
        self._host = host
        self._keep = keep

    @property
    def boot(self) -> str:
        """The id of the running boot."""
        try:
            return self.read(BOOT_ID).text.strip()
        except CannotAsk:
            return self._host.boot

    def read(self, path: str) -> Reading:
        """Read a file."""
        return _kept(self._keep, path, lambda: self._host.read(path))

    def list(self, directory: str) -> Reading:
        """Name the entries of a directory."""
        return _kept(self._keep, f"list {directory}", lambda: self._host.list(directory))

    def link(self, path: str) -> Reading:
        """Say where a symbolic link points."""
        return _kept(self._keep, f"link {path}", lambda: self._host.link(path))

    def status(self, path: str) -> Reading:
        """Give stat(2) of a path."""
        return _kept(self._keep, f"status {path}", lambda: self._host.status(path))

    def run(self, *argv: str) -> Reading:
        """Run a command that changes nothing."""
        return _kept(self._keep, " ".join(argv), lambda: self._host.run(*argv))


class RecordingWitness:
    """Asks another witness, and hands each answer to ``keep``."""

    def __init__(self, witness: Witness, keep: Keep) -> None:
        self._witness = witness
        self._keep = keep

    def connections(self, flow: Flow) -> Reading:
        """Give each sighting that a flow covers."""
        return _kept(self._keep, f"connections {flow}", lambda: self._witness.connections(flow))

    def process(self, process: Process) -> Reading:
        """Give what is known of a process and its ancestors."""
        return _kept(
            self._keep,
            f"process {process.pid}@{process.started}",
            lambda: self._witness.process(process),
        )


class RecordingPackets:
    """Asks somebody who read captures, and hands each answer to ``keep``."""

    def __init__(self, packets: PacketWitness, keep: Keep) -> None:
        self._packets = packets
        self._keep = keep

    def traffic(self, flow: Flow) -> Reading:
        """Give what was captured of a flow."""
        return _kept(self._keep, f"captures {flow}", lambda: self._packets.traffic(flow))


def _kept(keep: Keep, source: str, ask: Callable[[], Reading]) -> Reading:
    try:
        reading = ask()
    except CannotAsk as reason:
        keep(source, reason)
        raise
    keep(source, reading)
    return reading


def write_recording(answers: Iterable[tuple[str, Answer]], directory: Path) -> int:
    """Write answers as files, one a source, for tests; ``read_recording`` reads them.

    A name is the source, percent-coded (RFC 3986) so that it can be a file's name. Where one
    source was asked several times, the last answer stays. Returns how many files there are.
    """
    directory.mkdir(parents=True, exist_ok=True)
    written: set[Path] = set()
    for source, answer in answers:
        if isinstance(answer, Reading):
            file = directory / quote(source, safe=" ")
            file.write_text(answer.text, encoding="utf-8", errors="surrogatepass")
            written.add(file)
    return len(written)


def read_recording(directory: Path) -> dict[str, str]:
    """Read the texts that ``write_recording`` wrote, for a RecordedHost."""
    return {
        unquote(file.name): file.read_text(encoding="utf-8", errors="surrogatepass")
        for file in sorted(directory.iterdir())
    }
