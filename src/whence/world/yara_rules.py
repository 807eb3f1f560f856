"""Rules of YARA that the user has, matched with a program's file by YARA-X, an extra of whence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from whence.model import BadInput, CannotAsk
from whence.world.program_file import LARGEST, opened

if TYPE_CHECKING:
    from yara_x import Rule, Rules

PATIENCE = 30  # seconds for a file
LARGEST_RULES = 64 << 20  # bytes
MOST_STRINGS = 5  # of a rule, that are told
SAID = ("description", "author", "reference")


def rules_matched(path: str, rules: Path) -> str:
    """Give the rules that match a file: a JSON object a line with rule, said, at.

    Raises
    ------
    CannotAsk
        If YARA-X is not installed, or it takes too long.
    BadInput
        If the rules are none.

    """
    try:
        import yara_x
    except ModuleNotFoundError:
        raise CannotAsk(
            f"the rules in {rules} were not matched", because="YARA-X is not installed",
            try_="pip install 'whence[yara]'",
        ) from None  # fmt: skip
    compiled = _compiled(rules)
    with opened(path) as file:
        data = file.read(LARGEST)
    scanner = yara_x.Scanner(compiled)
    scanner.set_timeout(PATIENCE)
    try:
        found = scanner.scan(data).matching_rules
    except (yara_x.TimeoutError, yara_x.ScanError) as e:
        because = str(e) or f"it took over {PATIENCE} s"
        raise CannotAsk(f"the rules in {rules} were not matched", because=because) from e
    return "".join(f"{json.dumps(_told(rule))}\n" for rule in found)


def _compiled(rules: Path) -> Rules:
    import yara_x

    try:
        with rules.open("rb") as file:
            source = file.read(LARGEST_RULES)
        return yara_x.compile(source.decode())
    except OSError as e:
        raise BadInput(f"could not read {rules}", because=e.strerror or str(e)) from e
    except (UnicodeDecodeError, yara_x.CompileError) as e:
        words = str(e).strip().splitlines()
        because = words[0] if words else type(e).__name__
        raise BadInput(f"{rules} holds no rules of YARA", because=because) from e


def _told(rule: Rule) -> dict[str, object]:
    said = {str(name): str(value)[:300] for name, value in rule.metadata if name in SAID}
    at = [
        [pattern.identifier, match.offset] for pattern in rule.patterns for match in pattern.matches
    ]
    return {
        "rule": rule.identifier,
        "said": said,
        "at": at[:MOST_STRINGS],
    }
