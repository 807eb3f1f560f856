"""Names to be replaced, found in any text at one go, whatever their number. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote

SHORT = 4  # names with fewer letters are only words by themselves: “ed” is in “used”

_Tree = dict[str, "_Tree"]


class Names:
    """Pseudonyms by name; letters' case makes no difference, nor does JSON's or a URL's way."""

    def __init__(self, pseudonyms: Mapping[str, str]) -> None:
        self._by_form: dict[str, str] = {}
        for name, pseudonym in pseudonyms.items():
            for form in (name, quote(name), json.dumps(name)[1:-1]):
                self._by_form.setdefault(form.lower(), pseudonym)
        whole = [form for form in self._by_form if len(form) < SHORT]
        inside = [form for form in self._by_form if len(form) >= SHORT]
        parts = [rf"(?<![^\W_]){_either(whole)}(?![^\W_])"] if whole else []
        parts += [_either(inside)] if inside else []
        self._pattern = re.compile("|".join(reversed(parts)), re.IGNORECASE) if parts else None

    def replaced(self, text: str) -> str:
        """Put pseudonyms in the place of names."""
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda found: self._pseudonym(found[0]), text)

    def _pseudonym(self, written: str) -> str:
        # A letter whose lower case is longer (İ) may match and yet not be found.
        return self._by_form.get(written.lower(), "withheld")


def _either(words: Iterable[str]) -> str:
    """Write an expression for many words as the tree of their letters: as quick as for one."""
    root: _Tree = {}
    for word in words:
        branch = root
        for letter in word:
            branch = branch.setdefault(letter, {})
        branch[""] = {}
    return _expression(root)


def _expression(tree: _Tree) -> str:
    """Write a tree as an expression, from its leaves up, without recursion: names may be long."""
    done: dict[int, str] = {}
    ahead: list[tuple[_Tree, bool]] = [(tree, False)]
    while ahead:
        branch, ready = ahead.pop()
        if not ready:
            ahead.append((branch, True))
            ahead += [(below, False) for letter, below in branch.items() if letter]
            continue
        ways = [
            re.escape(letter) + done.pop(id(below)) for letter, below in branch.items() if letter
        ]
        ends = "" in branch
        if not ways:
            done[id(branch)] = ""
        elif len(ways) == 1 and not ends:
            done[id(branch)] = ways[0]
        else:
            done[id(branch)] = f"(?:{'|'.join(ways)}){'?' if ends else ''}"
    return done[id(tree)]
