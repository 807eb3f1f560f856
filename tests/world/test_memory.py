import subprocess
import sys

USED = """
import ctypes, re
from pathlib import Path
from whence.world.memory import return_large_blocks

def used():
    return int(re.search(r"VmRSS:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.malloc.argtypes = libc.free.argtypes = [ctypes.c_size_t]
{call}
libc.free(libc.malloc(24 << 20))  # after which glibc thinks such blocks usual
blocks = [libc.malloc(16 << 20) for _ in range(3)]
for block in blocks:
    ctypes.memset(block, 1, 16 << 20)
before = used()
libc.free(blocks[0])
print(before - used() > 15 << 10)
"""


def frees(call: str) -> bool:
    code = USED.format(call=call)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout == "True\n"


def test_large_blocks_go_back_at_once() -> None:
    assert not frees("")  # or there is nothing to mend any more
    assert frees("return_large_blocks()")
