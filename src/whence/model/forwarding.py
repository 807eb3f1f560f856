"""What another syslog server needs to be told so that it sends a copy of everything to us."""

from __future__ import annotations

from collections.abc import Mapping

RSYSLOG = """\
# /etc/rsyslog.d/90-whence.conf: a copy of all messages to whence; then: systemctl restart rsyslog
*.* action(type="omfwd" target="{address}" port="{port}" protocol="tcp" TCP_Framing="octet-counted"
  template="RSYSLOG_SyslogProtocol23Format" queue.type="LinkedList" queue.size="100000"
  queue.timeoutEnqueue="0" action.resumeRetryCount="-1")
"""

SYSLOG_NG = """\
# /etc/syslog-ng/conf.d/90-whence.conf: a copy of all messages to whence; then: systemctl reload
# syslog-ng. s_src is Debian's name of the source of all messages; @include "scl.conf" has others.
destination d_whence {{ syslog("{address}" port({port}) transport("tcp")); }};
log {{ source(s_src); destination(d_whence); }};
"""

FORWARDING: Mapping[str, str] = {"rsyslog": RSYSLOG, "syslog-ng": SYSLOG_NG}


def forwarding(server: str, address: str, port: int) -> str:
    """Write the lines that make ``server``, one of ``FORWARDING``, send a copy there."""
    return FORWARDING[server].format(address=address, port=port)
