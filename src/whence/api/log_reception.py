"""Receive log lines."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from whence.inquiry.log_reception import Keeping, LogReception
from whence.model import BadSettings
from whence.model.ecs import time_text
from whence.model.forwarding import forwarding
from whence.model.log_receiving import Certificate, LogSources, ReceiverSettings, SpoolLimits
from whence.world.places import Places
from whence.world.this_host import utc_now

SPOOL, LAKE = "spool", "lake"
ROOTS_PORT, OTHERS_PORT = 514, 5514  # RFC 5426; ports below 1024 are root's
EVERYWHERE = "::"


def usual_sources() -> LogSources:
    """Say what is heard where nothing else was asked for: UDP and TCP on the port of syslog."""
    place = (EVERYWHERE, usual_port())
    return LogSources(udp=(place,), tcp=(place,))


def usual_port() -> int:
    """Give the port of syslog, or the one of an ordinary user."""
    return ROOTS_PORT if os.geteuid() == 0 else OTHERS_PORT


def receiver_settings(
    sources: LogSources,
    *,
    folder: Path | None = None,
    certificate: Certificate | None = None,
    limits: SpoolLimits | None = None,
    from_start: bool = False,
) -> ReceiverSettings:
    """Describe a receiver.

    Raises
    ------
    BadSettings
        If TLS is to be heard without a certificate.

    """
    if sources.tls and not certificate:
        raise BadSettings(
            "TLS takes a certificate", try_="give --certificate FILE and --key FILE, as PEM"
        )
    if certificate and not sources.tls:
        raise BadSettings("a certificate is for TLS", try_="say where to hear: --tls :6514")
    place = (folder or Places.of_this_user().logs).absolute()
    return ReceiverSettings(
        spool=str(place / SPOOL),
        sources=sources or usual_sources(),
        certificate=certificate,
        limits=limits or SpoolLimits(),
        from_start=from_start,
    )


def receive_logs(settings: ReceiverSettings, *, only_spool: bool = False) -> LogReception:
    """Start a receiver, and what takes lines from its spool into the lake; close what is given."""

    def begin_keeping() -> Keeping | None:
        if only_spool:
            return None
        from whence.inquiry.log_keeping import LogKeeping  # large: the native part and the engine

        spool = Path(settings.spool)
        return LogKeeping(spool, spool.with_name(LAKE))

    return LogReception(settings, begin_keeping)


def now_text() -> str:
    """Give the time, as ECS writes it."""
    return time_text(utc_now())


def forwarding_lines(server: str, sources: LogSources) -> str:
    """Write what makes rsyslog or syslog-ng send us a copy, over TCP on this machine."""
    address, port = (sources.tcp or ((EVERYWHERE, usual_port()),))[0]
    return forwarding(server, "127.0.0.1" if address in (EVERYWHERE, "0.0.0.0") else address, port)


def unit_text(settings: ReceiverSettings) -> str:
    """Write a systemd unit that receives so from boot on; nothing is put in place."""
    from whence.world.log_receiver_unit import receiver_unit  # seldom wanted

    return receiver_unit(Path(sys.argv[0]).absolute(), settings)
