"""The words by which switches are told to mirror, by maker: data, not code.

A line is given once, or once for each port where it has ``{port}``. ``{to}`` is where we listen.
``source`` finds a port in what the ``show`` command prints, for the reading back. From the makers'
manuals; see docs/how-to/find-a-port-by-mirroring.md for which were tried on what.
"""

from __future__ import annotations

from dataclasses import dataclass

SESSION = 4  # of Cisco and Aruba; 1 is what people use for their own


@dataclass(frozen=True, slots=True)
class Words:
    """How one kind of switch is spoken to."""

    show: str  # typed into a shell where it begins so, world.ssh_device.SHELL; else a command
    source: str  # a regular expression; its group is the port
    sent: str  # the same for ports of which what leaves is mirrored; empty: not told
    begin: tuple[str, ...]  # before any port is added
    add: str
    add_sent: str
    end: tuple[str, ...]  # after all ports
    clear: tuple[str, ...]  # everything of our session; with {port}: for each port mirrored
    enter: tuple[str, ...] = ()  # typed after the login, before anything is changed
    leave: tuple[str, ...] = ()  # typed after it: what makes it valid, and the way out
    save: str = ""  # shows what has to come back, as lines that can be given; else ``show``
    ours: str = ""  # a regular expression for the lines of ``save`` that have to come back
    # Where ``save`` shows no lines that can be given: what finds a port in it, and the line for it.
    again: tuple[tuple[str, str], ...] = ()


WORDS: dict[str, Words] = {
    # Catalyst switches, "Configuring SPAN and RSPAN"
    "cisco-ios": Words(
        show=f"show running-config | include ^monitor session {SESSION} ",
        # Ports beside each other are shown as one: Gi1/0/1 - 3 , Gi1/0/7 rx
        source=rf"^monitor session {SESSION} source interface ((?:(?! tx$).)+?)(?: rx)?$",
        sent=rf"^monitor session {SESSION} source interface (.+) tx$",
        begin=(),
        add=f"monitor session {SESSION} source interface {{port}} rx",
        add_sent=f"monitor session {SESSION} source interface {{port}} tx",
        end=(f"monitor session {SESSION} destination interface {{to}}",),
        clear=(f"no monitor session {SESSION}",),
        enter=("configure terminal",),
        leave=("end", "exit"),
        ours=rf"^monitor session {SESSION} .*",
    ),
    # ArubaOS-Switch, "Management and Configuration Guide", traffic mirroring
    "procurve": Words(
        show="type ; no page; show running-config | include monitor; exit; exit; y",
        source=r"^\s*interface (\S+) monitor all in mirror 4$",
        sent=r"^\s*interface (\S+) monitor all out mirror 4$",
        begin=(f"mirror {SESSION} port {{to}}",),
        add=f"interface {{port}} monitor all in mirror {SESSION}",
        add_sent=f"interface {{port}} monitor all out mirror {SESSION}",
        end=(),
        clear=(f"no interface {{port}} monitor all both mirror {SESSION}", f"no mirror {SESSION}"),
        enter=("", "configure"),  # an empty line: “Press any key to continue”
        leave=("end", "exit", "exit", "y"),
        ours=rf"^\s*(?:mirror {SESSION} .*|interface \S+ monitor all \S+ mirror {SESSION})$",
    ),
    # AOS-CX, "Monitoring Guide", mirroring
    "aruba-cx": Words(
        show=f"show running-config mirror {SESSION}",
        source=r"^\s*source interface (\S+) rx$",
        sent=r"^\s*source interface (\S+) tx$",
        begin=(f"mirror session {SESSION}", "destination interface {to}"),
        add="source interface {port} rx",
        add_sent="source interface {port} tx",
        end=("enable",),
        clear=(f"no mirror session {SESSION}",),
        enter=("configure terminal",),
        leave=("end", "exit"),
        ours=r"mirror session \d+|(?:destination|source|comment) .+|enable|disable",
    ),
    # Junos (ELS), "Port Mirroring and Analyzers"
    "junos": Words(
        show="show configuration forwarding-options analyzer whence | display set",
        source=r"^set forwarding-options analyzer whence input ingress interface (\S+)$",
        sent=r"^set forwarding-options analyzer whence input egress interface (\S+)$",
        begin=(),
        add="set forwarding-options analyzer whence input ingress interface {port}",
        add_sent="set forwarding-options analyzer whence input egress interface {port}",
        end=("set forwarding-options analyzer whence output interface {to}",),
        clear=("delete forwarding-options analyzer whence",),
        enter=("configure",),
        leave=("commit", "exit", "exit"),
        ours=r"^set forwarding-options analyzer whence .*",
    ),
    # RouterOS 7.15 and later: several sources of one mirror
    "routeros": Words(
        show="/interface ethernet switch port print terse"
        " where mirror-ingress=yes or mirror-egress=yes",
        source=r"\bname=(\S+).*\bmirror-ingress=yes\b",
        sent=r"\bname=(\S+).*\bmirror-egress=yes\b",
        begin=("/interface ethernet switch set 0 mirror-target={to}",),
        add="/interface ethernet switch port set [find name={port}] mirror-ingress=yes",
        add_sent="/interface ethernet switch port set [find name={port}] mirror-egress=yes",
        end=(),
        clear=(
            "/interface ethernet switch port set [find name={port}] "
            "mirror-ingress=no mirror-egress=no",
            "/interface ethernet switch set 0 mirror-target=none",
        ),
        leave=("/quit",),
        save="/interface ethernet switch print terse; /interface ethernet switch port print terse"
        " where mirror-ingress=yes or mirror-egress=yes",
        again=(
            (
                r"\bmirror-target=(\S+)",
                "/interface ethernet switch set 0 mirror-target={port}",
            ),
            (
                r"\bname=(\S+).*\bmirror-ingress=yes\b",
                "/interface ethernet switch port set [find name={port}] mirror-ingress=yes",
            ),
            (
                r"\bname=(\S+).*\bmirror-egress=yes\b",
                "/interface ethernet switch port set [find name={port}] mirror-egress=yes",
            ),
        ),
    ),
}
