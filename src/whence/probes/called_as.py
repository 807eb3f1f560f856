import shlex
from collections.abc import Iterator

from whence.model import Fact, Process, ecs, probe
from whence.world import Witness


@probe(answers="called-as")
def called_as(process: Process, witness: Witness) -> Iterator[Fact]:
    """With which command line was this process called, and where?"""
    line = next(witness.process(process).lines())
    record = ecs.record_from_line(line)
    if not (run := record.execution) or not run.args:
        return
    text = shlex.join(run.args) + (" …" if run.args_cut else "")
    if run.working_directory:
        text += f"  (in {run.working_directory})"
    yield process.fact("called-as", text, line.evidence)
