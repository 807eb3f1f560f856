"""Name server, whois and RDAP of the lab's outside: who holds an address, and what it is called.

Usage: ``registry.py ADDRESS CERTIFICATE FILE``, with the address that it knows of, its name and
its holder in FILE: a command line could be seen, and taken for a sign.
"""

from __future__ import annotations

import json
import socket
import ssl
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import dns.flags
import dns.message
import dns.rcode
import dns.reversename
import dns.rrset

RDAP = "rdap.registry.example"
SETTINGS = """\
dns_server = "{at}"
whois_server = "whois.registry.example"
rdap_server = "https://rdap.registry.example/"
ca = "{ca}"

[at]
"whois.registry.example:43" = "{at}:43"
"rdap.registry.example:443" = "{at}:443"
"""
WHOIS = """\
inetnum:  {held} - {held}
netname:  HELD-1
org-name: {holder}
country:  IE
"""


def main(address: str, certificate: str, file: str) -> None:
    """Serve until killed."""
    held, name, holder = Path(file).read_text(encoding="utf-8").splitlines()
    whois = WHOIS.format(held=held, holder=holder).encode()
    network = registered(held, holder, name.partition(".")[2])
    for serve in (lambda: tell_names(address, held, name), lambda: tell_whois(address, whois)):
        threading.Thread(target=serve, daemon=True).start()
    tell_rdap(address, certificate, held, network)


def tell_names(address: str, held: str, name: str) -> None:
    """Answer who asks for the name of the address, or for the address of the name."""
    pointer = dns.reversename.from_address(held).to_text()
    known = {pointer: ("PTR", f"{name}."), f"{name}.": ("A", held)}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        channel.bind((address, 53))
        while True:
            data, caller = channel.recvfrom(4096)
            asked = dns.message.from_wire(data)
            answer = dns.message.make_response(asked)
            answer.flags |= dns.flags.RA
            question = asked.question[0].name.to_text().lower()
            if question in known:
                kind, value = known[question]
                answer.answer.append(dns.rrset.from_text(question, 60, "IN", kind, value))
            else:
                answer.set_rcode(dns.rcode.NXDOMAIN)
            channel.sendto(answer.to_wire(), caller)


def tell_whois(address: str, text: bytes) -> None:
    """Tell everybody the same."""
    with socket.create_server((address, 43)) as listening:
        while True:
            with listening.accept()[0] as caller:
                caller.recv(1000)
                caller.sendall(text)


def registered(held: str, holder: str, domain: str) -> bytes:
    """Write who holds an address as RDAP does: RFC 9083."""
    mail = ["email", {}, "text", f"noc@{domain}"]
    card = ["vcard", [["version", {}, "text", "4.0"], ["fn", {}, "text", holder], mail]]
    entity = {"objectClassName": "entity", "roles": ["registrant"], "vcardArray": card}
    network = {
        "objectClassName": "ip network",
        "startAddress": held,
        "endAddress": held,
        "name": "HELD-1",
        "country": "IE",
        "entities": [entity],
    }
    return json.dumps(network).encode()


def tell_rdap(address: str, certificate: str, held: str, network: bytes) -> None:
    """Answer who asks for the address, and nobody else."""

    class Request(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.path.endswith(f"/ip/{held}")
            self.send_response(200 if known else 404)
            self.send_header("Content-Type", "application/rdap+json")
            self.send_header("Content-Length", str(len(network) if known else 0))
            self.end_headers()
            self.wfile.write(network if known else b"")

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = ThreadingHTTPServer((address, 443), Request)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
