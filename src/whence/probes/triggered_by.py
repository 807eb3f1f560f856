"""What starts a unit of systemd: a timer, a socket, a path, or a crontab turned into a timer."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import CannotAsk, Evidence, Fact, Job, Service, probe
from whence.probes._crontabs import Crontabs
from whence.probes._timers import timer_job
from whence.probes._units import UnitFile, Units, units_of
from whence.world import Host

TRIGGERS = (".timer", ".socket", ".path")


@probe(answers="triggered-by")
def triggered_by(service: Service, host: Host) -> Iterator[Fact]:
    """Which timer, socket or path starts this unit?

    systemd itself is asked first, for it knows what was set while it runs; where it does not run
    or does not know the unit any more, the unit files answer.
    """
    units = units_of(service.manager, host)
    if units is None:
        return
    own = units.unit(service.name)
    triggers = dict(_from_files(service.name, units)) | dict(_from_systemd(service.name, units))
    for name, evidence in triggers.items():
        trigger = units.unit(name)
        if not name.endswith(".timer"):
            yield service.fact("triggered-by", Service(host.name, service.manager, name), evidence)
        elif trigger is None:
            job = Job(host.name, "systemd", name, 0, "", "")
            yield service.fact("triggered-by", job, evidence)
        else:
            job, line = timer_job(host.name, trigger, own)
            yield service.fact("triggered-by", job, evidence, line)
    if own:
        yield from _from_crontab(service, own, host)


def _from_systemd(name: str, units: Units) -> Iterator[tuple[str, Evidence]]:
    """Ask the running systemd; systemctl(1) show says nothing of a unit it does not know."""
    ask = ("systemctl", *units.arguments, "show", "--property=Id,TriggeredBy", "--", name)
    try:
        answer = units.host.run(*ask)
    except CannotAsk:
        return
    for line in answer.lines():
        key, _, triggers = line.partition("=")
        if key == "TriggeredBy":
            yield from ((trigger, line.evidence) for trigger in triggers.split())


def _from_files(name: str, units: Units) -> Iterator[tuple[str, Evidence]]:
    for trigger in units.named(*TRIGGERS):
        if _starts(trigger, name):
            said = trigger.all("Unit", "Service")
            yield trigger.name, said[-1].evidence if said else trigger.whole
    stem = name.rpartition(".")[0]
    for kind in TRIGGERS:  # nothing lists the instances of a template
        instance = units.unit(stem + kind) if "@" in stem else None
        if instance and _starts(instance, name):
            yield instance.name, instance.whole


def _starts(trigger: UnitFile, name: str) -> bool:
    said = trigger.last("Unit") or trigger.last("Service")
    if trigger.last("Accept").lower() in ("yes", "true", "on", "1"):
        return name.startswith(f"{trigger.stem}@")  # an instance for each connection
    return name == (said or f"{trigger.stem}.service")


def _from_crontab(service: Service, own: UnitFile, host: Host) -> Iterator[Fact]:
    """Find the line that a generator such as systemd-cron made this unit of."""
    source = own.last("SourcePath")
    described = " ".join(own.last("Description").split())
    for line in Crontabs(host).jobs() if source else ():
        if line.job.source == source and " ".join(line.line.split()) in described:
            yield service.fact("triggered-by", line.job, own.whole, line.line.evidence)
