from collections.abc import Iterator

from whence.model import Fact, Flow, Ip, probe
from whence.probes._makers import accounts
from whence.world import Witness


@probe(answers="talked-with", near=0)
def talked_with(ip: Ip, witness: Witness) -> Iterator[Fact]:
    """When did it talk with a process of this machine, as recorded or now?"""
    told = [account for account in accounts(Flow(ip.address), witness) if account.seen.maker]
    if told:
        first = min(told, key=lambda account: account.seen.first)
        last = max(told, key=lambda account: account.seen.last)
        often = "once" if len(told) == 1 else f"{len(told)} times, last"
        text = f"a process here, {often} {last.seen.last:%Y-%m-%d %H:%M:%S} UTC"
        yield ip.fact("talked-with", text, last.evidence, first.evidence)
