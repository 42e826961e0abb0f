"""What code in the sandbox may not ask of the kernel: the filter that bubblewrap loads before it runs the command.

The namespaces are the wall; this keeps away the parts of the kernel in which holes through such walls were found. Tests
of honest programs need none of it.
"""

import errno
import importlib
import os
import socket
from typing import Any

from server.errors import HiveError

REFUSED = (
    # other processes and their memory
    *("ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd", "process_madvise"),
    # mounts and namespaces
    *("mount", "umount2", "pivot_root", "chroot", "unshare", "setns", "open_tree", "move_mount", "fsopen", "fsconfig"),
    *("fsmount", "fspick", "mount_setattr", "name_to_handle_at", "open_by_handle_at", "quotactl", "quotactl_fd"),
    # programs within the kernel, and queues to it
    *(
        "bpf",
        "io_uring_setup",
        "io_uring_enter",
        "io_uring_register",
        "userfaultfd",
        "perf_event_open",
        "fanotify_init",
    ),
    *("init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load"),
    # keys, clocks and the machine as a whole
    *("add_key", "request_key", "keyctl", "settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "swapon"),
    *("swapoff", "reboot", "acct", "syslog", "sethostname", "setdomainname", "iopl", "ioperm", "lookup_dcookie"),
    *("personality", "uselib", "vhangup", "nfsservctl", "modify_ldt", "vm86", "move_pages", "migrate_pages", "mbind"),
)
UNKNOWN = ("clone3",)
"""Answered as by a kernel that does not have them, so that the old call is taken, whose arguments can be looked at."""

FAMILIES = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6)
"""Of sockets. The internet's lead nowhere: there is only a loopback of its own, which tests of servers need."""

_NEW_NAMESPACES = (0x0002_0000, 0x0200_0000, 0x0400_0000, 0x0800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000)
"""Flags of clone: CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET."""
_TIOCSTI = 0x5412
_TIOCLINUX = 0x541C
_NO_SUCH_CALL = -1


class FilterUnavailable(HiveError):
    """The library that makes the filter is not there."""


def write_filter() -> int:
    """The filter in a file without a name, to be handed on; who gets it closes it. Raises FilterUnavailable."""
    library = _library()
    rules = library.SyscallFilter(library.ALLOW)
    for name in REFUSED:
        _refuse(library, rules, errno.EPERM, name)
    for name in UNKNOWN:
        _refuse(library, rules, errno.ENOSYS, name)
    for flag in _NEW_NAMESPACES:
        _refuse(library, rules, errno.EPERM, "clone", library.Arg(0, library.MASKED_EQ, flag, flag))
    for request in (_TIOCSTI, _TIOCLINUX):
        _refuse(library, rules, errno.EPERM, "ioctl", library.Arg(1, library.MASKED_EQ, 0xFFFFFFFF, request))
    for family in range(max(FAMILIES) + 1):
        if family not in FAMILIES:
            _refuse(library, rules, errno.EAFNOSUPPORT, "socket", library.Arg(0, library.EQ, family))
    _refuse(library, rules, errno.EAFNOSUPPORT, "socket", library.Arg(0, library.GT, max(FAMILIES)))
    descriptor = os.memfd_create("system-calls")
    with os.fdopen(descriptor, "wb", closefd=False) as file:
        rules.export_bpf(file)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def _refuse(library: Any, rules: Any, number: int, name: str, *arguments: Any) -> None:
    """A call of which the library does not know needs a newer kernel than it does: there, the namespaces must do."""
    known = library.resolve_syscall(library.Arch.NATIVE, name)
    if known != _NO_SUCH_CALL:
        rules.add_rule(library.ERRNO(number), known, *arguments)


def _library() -> Any:
    """It looks for libseccomp when it is imported, by running programs: `Sandbox.find` does that in time."""
    try:
        return importlib.import_module("pyseccomp")
    except (ImportError, RuntimeError, OSError) as error:
        raise FilterUnavailable("libseccomp is missing", hint="apt-get install libseccomp2") from error
