"""Read a Python source file from standard input, by ``ast``, and tell its strings and imports.

Run as a program of its own, by ``python_source``: what strangers wrote can make the compiler's
parser take all memory, and has made it crash. It imports nothing of whence. Each line of its output
is a JSON array: what ("string", "import", "pair", "port"), the line, the function, and the value.
"""

from __future__ import annotations

import ast
import json
import os
import resource
import sys

MEMORY = 512 << 20  # bytes
SECONDS = 4  # of processor time
MOST = 20_000  # rows
LONGEST = 20_000  # characters of a string
NOBODY = 65534


def confine() -> None:
    """Give up what reading text does not need: rights, memory, and to open anything at all."""
    sys.stdin.buffer.readable()
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, 3),  # a socket would be the fourth
    ):
        resource.setrlimit(limit, (value, value))


def tell(tree: ast.AST) -> None:
    """Write what the program says, function by function, in the order of its lines."""
    told = 0
    waiting: list[tuple[ast.AST, str]] = [(tree, "")]
    while waiting and told < MOST:
        node, within = waiting.pop()
        rows = rows_of(node)
        for what, value in rows:
            line = getattr(node, "lineno", 0)
            sys.stdout.write(json.dumps([what, line, within, value]) + "\n")
        told += len(rows)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            within = f"{within}.{node.name}" if within else node.name
        inner = [] if is_documentation(node) else [*ast.iter_child_nodes(node)]
        waiting += [(child, within) for child in reversed(inner)]
    if waiting:
        sys.stdout.write(json.dumps(["cut", 0, "", MOST]) + "\n")


def rows_of(node: ast.AST) -> list[tuple[str, object]]:
    """Say what one node of the tree tells."""
    match node:
        case ast.Import(names=names):
            return [("import", alias.name) for alias in names]
        case ast.ImportFrom(module=module, level=level):
            return [("import", "." * level + (module or ""))]
        case ast.Constant(value=str(text)):
            return [("string", text[:LONGEST])]
        case ast.Constant(value=bytes(data)):
            return [("string", data[:LONGEST].decode("utf-8", "replace"))]
        case ast.Tuple(elts=[ast.Constant(value=str(host)), ast.Constant(value=int(port)), *_]):
            return [("pair", [host, port])]
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=int(port))):
            return [("port", port)] if "port" in name.lower() else []
        case ast.keyword(arg=str(name), value=ast.Constant(value=int(port))):
            return [("port", port)] if "port" in name.lower() else []
    return []


def is_documentation(node: ast.AST) -> bool:
    """Say whether this is a string that stands alone: nothing is done with it."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def main() -> None:
    """Read, confined, and tell."""
    confine()
    source = sys.stdin.buffer.read()
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as e:
        sys.stdout.write(json.dumps(["refused", 0, "", f"{type(e).__name__}: {e}"[:200]]) + "\n")
        return
    tell(tree)


if __name__ == "__main__":
    main()
