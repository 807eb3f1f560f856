"""The programs that call what is not there any more, as their makers ship them."""

from __future__ import annotations

SCANNER = """\
#!{python}
# {company} {package}: looks which machines of each site are there. Copyright {company}.
import configparser
import ipaddress
import socket
import sqlite3
import time

settings = configparser.ConfigParser()
settings.read("{settings}")
own = settings["scanner"]
pause, port = own.getfloat("pause"), own.getint("port")


def sites():
    database = sqlite3.connect(f"file:{{own['database']}}?mode=ro", uri=True)
    try:
        return [row[0] for row in database.execute("SELECT {column} FROM {table} WHERE active = 1")]
    finally:
        database.close()


def scan(network):
    for host in ipaddress.ip_network(network).hosts():
        caller = socket.socket()
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        own_port = 0
        for _ in range(int(own["tries"])):
            caller.settimeout(pause)
            try:
                caller.bind(("", own_port))
                own_port = caller.getsockname()[1]
                caller.connect((str(host), port))
                break
            except OSError:
                caller.close()
                caller = socket.socket()
                caller.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        caller.close()


while True:
    for network in sites():
        scan(network)
    time.sleep(pause)
"""

SCANNER_SETTINGS = """\
[scanner]
database = {state}
port = {port}
pause = {pause:.2f}
tries = 4
"""

MONITOR = """\
#!{python}
# {company} {package}: asks the agents of all hosts for their numbers. Copyright {company}.
import configparser
import socket
import subprocess
import time

settings = configparser.ConfigParser()
settings.read("{settings}")
own = settings["monitor"]
pause, port = own.getfloat("pause"), own.getint("port")
QUERY = "SELECT {column} FROM {table} WHERE monitored"


def hosts():
    command = ["psql", "-AtXq", "-d", own["database"], "-c", QUERY]
    found = subprocess.run(command, capture_output=True, text=True)
    return found.stdout.split()


def ask(host):
    caller, own_port = socket.socket(), 0
    for _ in range(int(own["tries"])):
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        caller.settimeout(pause)
        try:
            caller.bind(("", own_port))
            own_port = caller.getsockname()[1]
            caller.connect((host, port))
            break
        except OSError:
            caller.close()
            caller = socket.socket()
    caller.close()


while True:
    for host in hosts():
        ask(host)
    time.sleep(pause)
"""

MONITOR_SETTINGS = """\
[monitor]
database = {url}
port = {port}
pause = {pause:.2f}
tries = 5
"""

AGENT = """\
#!{python}
# {company} {package}: polls network devices by SNMP, now and then. Copyright {company}.
import random
import socket
import time

# GetRequest of sysUpTime.0 by SNMP version 2c, RFC 3416
POLL = bytes.fromhex(
    "302602010104067075626c6963a019020101020100020100300e300c06082b060102010103000500"
)


def targets():
    with open("{settings}") as lines:
        return [line.split()[1] for line in lines if line.startswith("poll ")]


while True:
    for target in targets():
        for _ in range({burst}):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as caller:
                caller.settimeout(0.05)
                try:
                    caller.sendto(POLL, (target, 161))
                    caller.recv(1500)
                except OSError:
                    pass
    time.sleep(random.uniform({least}, {most}))
"""

AGENT_SETTINGS = """\
# devices of {company} {package}
interval random
{lines}"""

UNIT = """\
[Unit]
Description={company} {package}
After=network-online.target

[Service]
ExecStart={program}
Restart=always

[Install]
WantedBy=multi-user.target
"""

CRON = """\
# {company} {package}
SHELL=/bin/sh
PATH=/usr/local/sbin:/usr/local/bin:/sbin:/bin:/usr/sbin:/usr/bin

@reboot root {program}
"""

CONTROL = """\
Package: {package}
Version: {version}
Architecture: all
Section: admin
Priority: optional
Maintainer: {company} Support <support@{domain}.example>
Homepage: https://www.{domain}.example/
Description: {company} {kind} program
 {about}
"""
ABOUT = {
    "inventory": "Keeps the inventory of all sites by looking which machines are there.",
    "monitoring": "Monitors hosts by asking their agents for numbers.",
    "management": "Manages network devices by SNMP.",
}
