"""Certificates for the servers of the lab."""

from __future__ import annotations

from pathlib import Path

from whence.lab.building import CannotBuild, run, tool


def make_certificate(path: Path, name: str = "service") -> str:
    """Make a certificate nobody signed, key included; "-" where there is no openssl."""
    try:
        tool("openssl")
    except CannotBuild:
        return "-"
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    out = ("-keyout", str(path), "-out", f"{path}.crt", "-days", "30", "-subj", f"/CN={name}")
    called = ("-addext", f"subjectAltName=DNS:{name}")
    run(("openssl", "req", "-x509", *key, *out, *called))
    with path.open("a") as file:
        file.write(Path(f"{path}.crt").read_text())
    return str(path)
