"""Services of other managers than systemd, each by its own command."""

from __future__ import annotations

import re
from collections.abc import Iterator

from whence.inquiry.remedies._declare import Chain, remedy
from whence.inquiry.remedies._others import other_connections
from whence.model import Fact, Process, Service
from whence.model.suggestions import Invasive, Suggestion, Words, command

# manager → what stops a service of it, what starts it again, and what keeps it down after a boot
COMMANDS: dict[str, tuple[tuple[str, ...], tuple[str, ...], str]] = {
    "supervisord": (("supervisorctl", "stop"), ("supervisorctl", "start"),
                    "autostart=false in its [program:…] keeps it down"),
    "runit": (("sv", "down"), ("sv", "up"), "a file “down” in its folder keeps it down"),
    "daemontools": (("svc", "-d"), ("svc", "-u"), "a file “down” in its folder keeps it down"),
    "OpenRC": (("rc-service", "{}", "stop"), ("rc-service", "{}", "start"),
               "rc-update del keeps it down after a boot"),
    "pm2": (("pm2", "stop"), ("pm2", "start"), "pm2 save keeps it down"),
}  # fmt: skip
THEMSELVES = ("supervisord", "runsv", "supervise", "inetd", "cron", "anacron", "atd")
_NAME = re.compile(r"\w[\w.:@+-]*")  # none that such a command would read as something else


@remedy
def stop_the_supervised(chain: Chain) -> Iterator[Suggestion]:
    """Have its service manager stop it: supervisord, runit, daemontools, OpenRC, pm2."""
    for process, fact in chain.launches():
        service = fact.value
        if (
            isinstance(service, Service)
            and service.manager in COMMANDS
            and service.name not in THEMSELVES
        ):
            yield _stop(chain, process, service, fact)


def _stop(chain: Chain, process: Process, service: Service, fact: Fact) -> Suggestion:
    stop, start, for_good = COMMANDS[service.manager]
    return Suggestion(
        f"Stop {service} of {service.manager}; {for_good}.",
        Invasive.ONE_SERVICE,
        fact.evidence,
        _of(stop, service.name),
        _of(start, service.name),
        breaks=(f"all that {service} is for", *other_connections(chain, process)),
        confidence=fact.confidence,
    )


def _of(words: tuple[str, ...], name: str) -> tuple[Words, ...]:
    if not _NAME.fullmatch(name):
        return ()
    if "{}" in words:
        return command(*(name if word == "{}" else word for word in words))
    return command(*words, name)
