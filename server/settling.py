"""How a process that lives long keeps what it has built: seldom searched for garbage, and in large pages.

And how it reads what comes: `reads.py`.
"""

import ctypes
import gc
import mmap
import sys
from collections.abc import Iterator

from server.reads import read_small

THRESHOLD = (50_000, 200, 10)
"""Of the garbage collector's three generations. What a review builds of a large project stays until its end, and each
look at the second goes through all of that which came since the last one.
"""
LARGE_PAGE_BYTES = 2 << 20
_MADV_COLLAPSE = 25
"""madvise(2): gather what lies there in large pages now, whatever else is set. Linux 6.1."""


def settle() -> None:
    """Call it once everything is built that stays.

    What is there now is never looked through again, nor now: of 130,000 objects of a hub some 450 were garbage, and a
    look takes 90 ms, just when its doors are open. The many short-lived objects of messages and jobs, which are no
    cycles, trigger a look seldom: at the stock pace it took a third of the time of a busy hub.
    """
    gc.freeze()
    gc.set_threshold(*THRESHOLD)
    take_large_pages()
    read_small()


def take_large_pages() -> None:
    """Have the kernel gather what this process keeps into pages of 2 MiB.

    A hub that wakes after some milliseconds of rest has to find each page of what it knows anew, and there are some
    thousands of 4 KiB: in large ones a job starts an eighth sooner. What a kernel cannot gather stays as it is.
    """
    if not sys.platform.startswith("linux"):
        return
    libc = ctypes.CDLL(None)
    for area in _large_areas():
        if _mostly_used(libc, area):
            libc.madvise(ctypes.c_void_p(area), ctypes.c_size_t(LARGE_PAGE_BYTES), _MADV_COLLAPSE)


def _large_areas() -> Iterator[int]:
    """Addresses within what Python and its libraries allocated: the heap, and memory that no file stands behind."""
    with open("/proc/self/maps", encoding="utf-8") as maps:
        areas = maps.read().splitlines()
    for area in areas:
        addresses, rights, _, _, _, *name = area.split(maxsplit=5)
        if rights.startswith("rw") and name in ([], ["[heap]"]):
            first, end = (int(address, 16) for address in addresses.split("-"))
            aligned = -(-first // LARGE_PAGE_BYTES) * LARGE_PAGE_BYTES
            yield from range(aligned, end - LARGE_PAGE_BYTES + 1, LARGE_PAGE_BYTES)


def _mostly_used(libc: ctypes.CDLL, area: int) -> bool:
    """A large page is memory all of it: of a thread's stack, say, only the first few KiB are."""
    resident = (ctypes.c_ubyte * (LARGE_PAGE_BYTES // mmap.PAGESIZE))()
    if libc.mincore(ctypes.c_void_p(area), ctypes.c_size_t(LARGE_PAGE_BYTES), resident):
        return False
    return sum(page & 1 for page in resident) * 2 > len(resident)
