"""A log server that writes what it receives into one file, where there is no rsyslog.

Usage: ``syslog_server.py FILE``. Each datagram on port 514 is a line, without its priority.
"""

from __future__ import annotations

import re
import socket
import sys
from pathlib import Path

PRIORITY = re.compile(rb"<\d{1,3}>")


def main(path: str) -> None:
    """Write until killed; what cannot be written, since the disk is full, is lost."""
    heard = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    heard.bind(("0.0.0.0", 514))
    with Path(path).open("ab", buffering=0) as file:
        while True:
            line = PRIORITY.sub(b"", heard.recv(65535), count=1).rstrip(b"\r\n\0")
            try:
                file.write(line + b"\n")
            except OSError:
                continue


if __name__ == "__main__":
    main(sys.argv[1])
