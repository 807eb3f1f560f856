"""Where nothing is known to start it, or a person did, the process itself is left."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from whence.inquiry.chain import launch_facts
from whence.inquiry.remedies._declare import Chain, remedy
from whence.inquiry.remedies._elsewhere import ending, place
from whence.inquiry.remedies._others import other_connections
from whence.model import Confidence, Fact, Process, Service, Session
from whence.model.suggestions import Invasive, Suggestion, command


@remedy
def end_the_process(chain: Chain) -> Iterator[Suggestion]:
    """End the process, or what started it and still runs; whatever starts that may do so again."""
    for process in chain.processes():
        if process.is_reported or chain.known.about(process, "still-runs"):
            found = _seen(chain, process)
            if process.pid > 1 and found:
                yield _end(chain, process, process, found)
        elif all(isinstance(one.value, Session) for one in launch_facts(chain.known, process)):
            yield from _end_above(chain, process)  # no job or service, which have their own end


def _end_above(chain: Chain, process: Process) -> Iterator[Suggestion]:
    """End what started it again and again, such as a loop of a shell."""
    seen: list[Fact] = []
    for child, ancestor in pairwise(chain.known.ancestors(process)):
        seen += (one for one in chain.known.about(child, "child-of") if one.value == ancestor)
        if ancestor.pid > 1 and (runs := chain.known.about(ancestor, "still-runs")):
            yield _end(chain, ancestor, process, (*seen, *runs))
            return


def _seen(chain: Chain, process: Process) -> tuple[Fact, ...]:
    made = [fact for fact in chain.makers() if fact.value == process]
    return (*made, *chain.known.about(process, "runs", "executes"))[:2]


def _end(chain: Chain, process: Process, maker: Process, seen: tuple[Fact, ...]) -> Suggestion:
    """Suggest to end a process: the maker, or what started that."""
    did = "" if process == maker else ", which started what made it"
    started = [fact.value for fact in launch_facts(chain.known, maker)]
    session = next((str(value) for value in started if isinstance(value, Session)), "")
    why = "what started it is not known, and may start it again"
    if session:
        why = f"{session} started it: ask who that is"
    elif started and not all(isinstance(value, Service) for value in started):
        why = "it comes again at its time"
    elif started:
        why = "its service manager may start it again at once"
    evidence = tuple(dict.fromkeys(one for fact in seen for one in fact.evidence))
    commands = (*command("ps", "-o", "pid,lstart,args", "-p", str(process.pid)),
                *command("kill", "-TERM", str(process.pid)))  # fmt: skip
    return Suggestion(
        f"End {process}{place(process)}{did}, after a look that it is still this one; {why}.",
        Invasive.ONE_PROCESS,
        evidence,
        ending(process, evidence) if process.is_reported else commands,
        undo_text="start it again as it was started",
        breaks=(*other_connections(chain, process),),
        confidence=seen[0].confidence if process.is_reported else Confidence.CERTAIN,
    )  # fmt: skip
