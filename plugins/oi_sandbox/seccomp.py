"""A filter of system calls for sandboxed processes, as the program that the kernel runs (classic BPF).

Numbers and layouts are those of Linux's ``seccomp(2)``, ``asm/unistd_64.h`` and ``asm-generic/unistd.h``.
"""

from __future__ import annotations

import errno
import socket
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_BITS, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERRNO, _KILL_PROCESS = 0x7FFF0000, 0x00050000, 0x80000000
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16  # of struct seccomp_data
_X32_BIT = 0x40000000

_NEW_NAMESPACES: Final = 0x7E020000  # CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET
_NEW_TIME_NAMESPACE: Final = 0x80
_SET_USER_ID: Final = 0o4000
_O_CREAT: Final = 0o100
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C

Instruction: TypeAlias = tuple[int, int, int, int]  # code, jump if true, jump if false, value


@dataclass(frozen=True, slots=True)
class Machine:
    """One architecture: what the kernel calls it, and its numbers of the calls that the filter knows."""

    audit_name: int
    numbers: Mapping[str, int]
    has_x32: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """What an argument must be for a rule to apply: with one of ``bits``, one of ``values``, or none of them."""

    argument: int
    bits: int = 0
    values: Sequence[int] = ()
    is_none_of_values: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A call that fails with ``error`` when every condition holds."""

    call: str
    error: int = errno.EPERM
    conditions: tuple[Condition, ...] = ()


_MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1), "riscv64": (0xC00000F3, 1)}
"""What the kernel's audit calls each machine, and which column of ``system_calls.txt`` has its numbers."""

_FORBIDDEN = (
    *("ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "perf_event_open", "userfaultfd", "bpf"),
    *("mount", "umount2", "pivot_root", "move_mount", "open_tree", "open_tree_attr", "fsopen", "fsconfig", "fsmount"),
    *("fspick", "mount_setattr", "setns", "open_by_handle_at", "keyctl", "add_key", "request_key", "swapon", "swapoff"),
    *("kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module", "reboot", "acct", "quotactl"),
    *("settimeofday", "clock_settime", "syslog", "iopl", "ioperm"),
)
"""Other processes' memory, mounts, namespaces, the kernel's key rings and its own state."""

_NOT_READABLE = ("clone3", "openat2", "io_uring_setup", "io_uring_enter", "io_uring_register")
"""Calls whose arguments a filter cannot read; told that they do not exist, programs use the older ones."""


_MODES = (("chmod", 1), ("fchmod", 1), ("fchmodat", 2), ("fchmodat2", 2), ("creat", 1), ("mknod", 1), ("mknodat", 2))
"""Calls that set a file's mode, and which argument it is."""

_AF_NETLINK: Final = 16  # the socket module has it on Linux only


def rules(*, unix_sockets: bool) -> list[Rule]:
    """Return what sandboxed processes may not do."""
    families = [socket.AF_INET, socket.AF_INET6, _AF_NETLINK, *([socket.AF_UNIX] if unix_sockets else [])]
    return [
        *(Rule(call) for call in _FORBIDDEN),
        *(Rule(call, errno.ENOSYS) for call in _NOT_READABLE),
        Rule("socket", errno.EPERM, (Condition(0, values=families, is_none_of_values=True),)),
        Rule("clone", errno.EPERM, (Condition(0, bits=_NEW_NAMESPACES),)),
        Rule("unshare", errno.EPERM, (Condition(0, bits=_NEW_NAMESPACES | _NEW_TIME_NAMESPACE),)),
        Rule("ioctl", errno.EPERM, (Condition(1, values=(_TIOCSTI, _TIOCLINUX)),)),
        *(Rule(call, errno.EPERM, (Condition(mode, bits=_SET_USER_ID),)) for call, mode in _MODES),
        *(
            Rule(call, errno.EPERM, (Condition(flags, bits=_O_CREAT), Condition(flags + 1, bits=_SET_USER_ID)))
            for call, flags in (("open", 1), ("openat", 2))
        ),
    ]


def filter_program(machine: str, *, unix_sockets: bool) -> bytes | None:
    """Return the filter for ``machine``, as ``uname -m`` names it, in the form that ``bwrap --seccomp`` reads.

    None for a machine whose calls are not known here.
    """
    if machine not in _MACHINES:
        return None
    program = assemble(known_machine(machine), rules(unix_sockets=unix_sockets))
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in program)


def known_machine(name: str) -> Machine:
    """Return what ``system_calls.txt`` says of the machine ``name``."""
    audit_name, column = _MACHINES[name]
    lines = Path(__file__).with_name("system_calls.txt").read_text("ascii").splitlines()
    rows = [line.split() for line in lines if not line.startswith("#")]
    numbers = {row[0]: int(row[1 + column]) for row in rows if row[1 + column] != "-"}
    return Machine(audit_name, numbers, has_x32=name == "x86_64")


def assemble(machine: Machine, forbidden: Iterable[Rule]) -> list[Instruction]:
    """Return the instructions that refuse what ``forbidden`` says, and kill what makes calls of another machine."""
    program: list[Instruction] = [
        (_LOAD, 0, 0, _ARCHITECTURE_AT),
        (_JUMP_EQUAL, 1, 0, machine.audit_name),
        (_RETURN, 0, 0, _KILL_PROCESS),
        (_LOAD, 0, 0, _NUMBER_AT),
    ]
    if machine.has_x32:
        program += [(_JUMP_AT_LEAST, 0, 1, _X32_BIT), (_RETURN, 0, 0, _ERRNO | errno.ENOSYS)]
    for rule in forbidden:
        if rule.call in machine.numbers:
            program += _refusal(machine.numbers[rule.call], rule)
    return [*program, (_RETURN, 0, 0, _ALLOW)]


def _refusal(number: int, rule: Rule) -> list[Instruction]:
    """Return the instructions of one rule; they begin and end with the call's number loaded."""
    checks: list[Instruction] = []
    for condition in reversed(rule.conditions):
        checks = _check(condition, to_end=len(checks) + 1) + checks
    body = [*checks, (_RETURN, 0, 0, _ERRNO | rule.error)]
    if checks:
        body.append((_LOAD, 0, 0, _NUMBER_AT))
    return [(_JUMP_EQUAL, 0, len(body), number), *body]


def _check(condition: Condition, to_end: int) -> list[Instruction]:
    """Return instructions that go on when the condition holds, and else jump ``to_end`` instructions further.

    Only the lower half of an argument is looked at: the kernel, too, takes these as 32 bits.
    """
    load: Instruction = (_LOAD, 0, 0, _ARGUMENTS_AT + 8 * condition.argument)
    if condition.bits:
        return [load, (_JUMP_BITS, 0, to_end, condition.bits)]
    left = range(len(condition.values) - 1, -1, -1)
    if condition.is_none_of_values:
        return [load, *((_JUMP_EQUAL, n + to_end, 0, value) for n, value in zip(left, condition.values, strict=True))]
    tests = [(_JUMP_EQUAL, n, 0 if n else to_end, value) for n, value in zip(left, condition.values, strict=True)]
    return [load, *tests]
