"""The filter of system calls, run by a small machine as the kernel would run it."""

from __future__ import annotations

import errno
import struct
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oi_sandbox.seccomp import Condition, Rule, assemble, filter_program, known_machine, rules

ALLOWED, KILLED = "allowed", "killed"
ARGUMENTS = st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 40), min_size=6, max_size=6)
MACHINES = st.sampled_from(["x86_64", "aarch64", "riscv64"])


@dataclass
class Call:
    """What the kernel shows the filter of one system call."""

    number: int
    architecture: int
    arguments: list[int] = field(default_factory=lambda: [0] * 6)

    def word(self, offset: int) -> int:
        data = struct.pack("<IIQ6Q", self.number, self.architecture, 0, *self.arguments)
        return int(struct.unpack_from("<I", data, offset)[0])


def verdict(program: list[tuple[int, int, int, int]], call: Call) -> str | int:
    """Run the filter; return ``allowed``, ``killed`` or the error that the caller gets."""
    accumulator, at = 0, 0
    while True:
        code, if_true, if_false, value = program[at]
        at += 1
        match code:
            case 0x20:
                accumulator = call.word(value)
            case 0x15:
                at += if_true if accumulator == value else if_false
            case 0x35:
                at += if_true if accumulator >= value else if_false
            case 0x45:
                at += if_true if accumulator & value else if_false
            case 0x06:
                return {0x7FFF: ALLOWED, 0x8000: KILLED}.get(value >> 16, value & 0xFFFF)
            case _:
                raise AssertionError(f"unknown instruction {code:#x}")


def holds(condition: Condition, arguments: list[int]) -> bool:
    value = arguments[condition.argument] & 0xFFFFFFFF
    if condition.bits:
        return bool(value & condition.bits)
    return (value in condition.values) is not condition.is_none_of_values


@given(MACHINES, st.booleans(), st.data())
def test_every_call_gets_what_the_rules_say_and_no_other(machine: str, unix_sockets: bool, data: st.DataObject) -> None:
    known = known_machine(machine)
    table = rules(unix_sockets=unix_sockets)
    program = assemble(known, table)
    number = data.draw(st.sampled_from(sorted(known.numbers.values())) | st.integers(0, 500))
    arguments = data.draw(ARGUMENTS)
    expected: str | int = ALLOWED
    for rule in table:
        if known.numbers.get(rule.call) == number and all(holds(c, arguments) for c in rule.conditions):
            expected = rule.error
            break
    assert verdict(program, Call(number, known.audit_name, arguments)) == expected


conditions = st.builds(
    Condition, st.integers(0, 5), bits=st.just(0) | st.integers(1, 255), values=st.lists(st.integers(0, 9), min_size=1)
)


@given(st.lists(conditions, max_size=3), st.booleans(), ARGUMENTS)
def test_a_rule_applies_when_all_its_conditions_hold(tests: list[Condition], inverted: bool, values: list[int]) -> None:
    tests = [Condition(t.argument, t.bits, t.values, inverted) for t in tests]
    known = known_machine("aarch64")
    program = assemble(known, [Rule("socket", errno.EPERM, tuple(tests)), Rule("bpf")])
    expected = errno.EPERM if all(holds(test, values) for test in tests) else ALLOWED
    assert verdict(program, Call(known.numbers["socket"], known.audit_name, values)) == expected
    assert verdict(program, Call(known.numbers["bpf"], known.audit_name, values)) == errno.EPERM


def test_calls_in_the_words_of_another_machine_end_the_process() -> None:
    program = assemble(known_machine("x86_64"), rules(unix_sockets=False))
    assert verdict(program, Call(20, 0x40000003)) == KILLED  # i386
    assert verdict(program, Call(0x40000000 + 41, 0xC000003E, [1, 1, 0, 0, 0, 0])) == errno.ENOSYS  # x32


@pytest.mark.parametrize(
    ("number", "arguments", "expected"),
    [
        (41, [1, 1, 0], errno.EPERM),  # socket(AF_UNIX)
        (41, [2, 1, 0], ALLOWED),  # socket(AF_INET)
        (41, [16, 3, 0], ALLOWED),  # socket(AF_NETLINK)
        (41, [40, 1, 0], errno.EPERM),  # socket(AF_VSOCK)
        (53, [1, 1, 0], ALLOWED),  # socketpair(AF_UNIX)
        (101, [0, 0, 0], errno.EPERM),  # ptrace
        (435, [0, 0, 0], errno.ENOSYS),  # clone3
        (56, [0x01200011, 0, 0], ALLOWED),  # clone as fork does
        (56, [0x10000011, 0, 0], errno.EPERM),  # clone(CLONE_NEWUSER)
        (272, [0x400, 0, 0], ALLOWED),  # unshare(CLONE_FILES)
        (90, [0, 0o755, 0], ALLOWED),  # chmod
        (90, [0, 0o4755, 0], errno.EPERM),
        (257, [0, 0, 0, 0o4755], ALLOWED),  # openat without O_CREAT: the mode is whatever stood there
        (257, [0, 0, 0o100, 0o4755], errno.EPERM),
        (16, [0, 0x5412, 0], errno.EPERM),  # ioctl(TIOCSTI)
        (16, [0, 0x5413, 0], ALLOWED),  # ioctl(TIOCGWINSZ)
    ],
)
def test_calls_of_note(number: int, arguments: list[int], expected: str | int) -> None:
    program = assemble(known_machine("x86_64"), rules(unix_sockets=False))
    assert verdict(program, Call(number, 0xC000003E, (arguments + [0] * 6)[:6])) == expected


def test_the_program_is_what_the_kernel_takes() -> None:
    for machine in ("x86_64", "aarch64", "riscv64"):
        program = filter_program(machine, unix_sockets=False)
        assert program is not None
        assert len(program) % 8 == 0
        assert len(program) // 8 < 4096
    assert filter_program("vax", unix_sockets=False) is None
