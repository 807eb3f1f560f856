"""A rule of the packet filter: the last resort, for the cause stays."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from whence.inquiry.chain import launch_facts
from whence.inquiry.remedies._declare import Chain, remedy
from whence.inquiry.remedies._elsewhere import place
from whence.inquiry.remedies._systemctl import is_shared
from whence.model import Fact, Flow, Process, Service, User
from whence.model.suggestions import Invasive, Suggestion, all_or_none, command
from whence.probes._units import SYSTEM

TABLE = "stopped_by_hand"
HOOK = "{ type filter hook output priority 0 ; policy accept ; }"


@remedy
def block_the_traffic(chain: Chain) -> Iterator[Suggestion]:
    """Refuse the traffic by a rule of the packet filter; the last resort."""
    flow = chain.flow
    if flow is None or flow.destination is None:
        return
    for fact in chain.makers():
        if fact.relation == "made-by" and isinstance(fact.value, Process):
            if fact.value.is_reported:
                yield _block_elsewhere(flow, fact, fact.value)
            else:
                yield _block(flow, fact, *_who(chain, fact.value))
            return  # one rule refuses all makers but for whose it is


def _block(flow: Flow, fact: Fact, who: str, rule: tuple[str, ...]) -> Suggestion:
    return Suggestion(
        f"Last resort: refuse what {who or 'anybody here'} sends to {flow}. The cause stays, the "
        "program will try on and log errors, and the rule is gone after a boot.",
        Invasive.BLOCK,
        fact.evidence,
        all_or_none(
            command("nft", "add", "table", "inet", TABLE),
            command("nft", "add", "chain", "inet", TABLE, "output", HOOK),
            command("nft", "add", "rule", "inet", TABLE, "output", *_end(flow), *rule,
                    "counter", "reject"),
        ),
        command("nft", "delete", "table", "inet", TABLE),
        breaks=(f"all that {who or 'this machine'} wants of {flow}",),
        confidence=fact.confidence,
    )  # fmt: skip


def _block_elsewhere(flow: Flow, fact: Fact, process: Process) -> Suggestion:
    where = place(process)
    return Suggestion(
        f"Last resort: refuse what is sent to {flow} by a rule of the packet filter{where}. The "
        "cause stays, and the program will try on and log errors.",
        Invasive.BLOCK, fact.evidence,
        undo_text="take the rule away again", breaks=(f"all that is wanted of {flow}{where}",),
        confidence=fact.confidence,
    )  # fmt: skip


def _end(flow: Flow) -> tuple[str, ...]:
    address = ipaddress.ip_address((flow.destination or "").partition("%")[0])
    words = ("ip" if address.version == 4 else "ip6", "daddr", str(address))
    if flow.destination_port is None:
        return words
    port = f"{flow.destination_port:d}"
    if flow.transport in ("tcp", "udp"):
        return (*words, flow.transport, "dport", port)
    return (*words, "meta", "l4proto", "{ tcp, udp }", "th", "dport", port)


def _who(chain: Chain, process: Process) -> tuple[str, tuple[str, ...]]:
    """Say whose traffic is meant, as narrowly as the kernel can tell: a unit, else a user."""
    for fact in launch_facts(chain.known, process):
        unit = fact.value
        if (
            isinstance(unit, Service)
            and unit.manager == SYSTEM
            and unit.name.endswith(".service")
            and "@" not in unit.name  # a template's units lie in a slice of their own
            and not is_shared(unit.name)
        ):
            group = f'"system.slice/{unit.name}"'
            if unit.name.replace("-", "").replace(".", "").replace("_", "").isalnum():
                return unit.name, ("socket", "cgroupv2", "level", "2", group)
    user = chain.known.best(process, "runs-as")
    if user and isinstance(user.value, User):
        return f"user {user.value}", ("meta", "skuid", f"{user.value.uid:d}")
    return "", ()
