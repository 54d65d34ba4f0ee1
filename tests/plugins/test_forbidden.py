"""The 2023 setting ``forbidden_commands``: what an entry blocks, what it leaves alone, what the refusal says.

What the list leaves alone, the rules may still ask about; they have their own tests.
"""

from __future__ import annotations

import shlex
import string
import time

import oi_forbidden
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oi_core.forbidden_defaults import DEFAULT_FORBIDDEN_COMMANDS
from oi_core.plugin_api import CodeBlock, Policy, Review, Verdict

DEFAULTS = Policy(forbidden_commands=DEFAULT_FORBIDDEN_COMMANDS)


def review(language: str, code: str, policy: Policy = DEFAULTS) -> Review | None:
    return oi_forbidden.review_code(CodeBlock("call", language, code), policy)


def blocks(language: str, code: str, *entries: str) -> bool:
    opinion = review(language, code, Policy(forbidden_commands=entries) if entries else DEFAULTS)
    return opinion is not None and opinion.verdict is Verdict.BLOCK


def blocked_by(policy: Policy, code: str) -> bool:
    opinion = review("shell", code, policy)
    return opinion is not None and opinion.verdict is Verdict.BLOCK


@pytest.mark.parametrize("entry", DEFAULT_FORBIDDEN_COMMANDS)
@pytest.mark.parametrize("language", ["shell", "python", "cmd", "brainfuck"])
def test_a_line_equal_to_an_entry_is_blocked_in_any_language(entry: str, language: str) -> None:
    assert blocks(language, f"first\n  \t{entry} \nlast")


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_lines_end_as_files_of_any_system_end_them(newline: str) -> None:
    assert blocks("ruby", newline.join(["a", "rm -rf /", "b"]))


def test_the_refusal_names_the_line_the_entry_and_how_to_change_the_list() -> None:
    opinion = review("shell", "ls\n\nsudo rm  -rf '/'\n")
    assert opinion is not None
    assert (
        opinion.reason == 'line 3 is the forbidden command "rm -rf /" · interpreter config explain forbidden-commands'
    )


def test_the_first_of_several_forbidden_commands_is_named() -> None:
    opinion = review("shell", "ls\nhalt\nreboot\n")
    assert opinion is not None
    assert opinion.reason.startswith('line 2 is the forbidden command "halt"')


def test_the_list_is_read_afresh_each_time() -> None:
    entries = ["make deploy"]
    policy = Policy(forbidden_commands=entries)
    assert blocked_by(policy, "make deploy")
    entries.append("make clean")
    assert blocked_by(policy, "make clean")
    entries.remove("make deploy")
    assert not blocked_by(policy, "make deploy")


def test_no_default_is_added_to_the_list_given() -> None:
    assert not blocked_by(Policy(forbidden_commands=()), "rm -rf /")
    assert not blocked_by(Policy(forbidden_commands=["reboot"]), "rm -rf /")


def test_blank_entries_forbid_nothing() -> None:
    assert not blocked_by(Policy(forbidden_commands=["", "  ", "\n", "#", ";"]), "ls\n\n  \n")


def test_one_string_instead_of_a_list_is_one_entry() -> None:
    assert blocked_by(Policy(forbidden_commands="reboot"), "reboot")
    assert not blocked_by(Policy(forbidden_commands="reboot"), "r")


def test_an_entry_that_is_not_text_blocks_and_says_so() -> None:
    opinion = review("shell", "ls", Policy(forbidden_commands=["reboot", 3]))  # type: ignore[list-item]  # a person's slip
    assert opinion is not None
    assert opinion.verdict is Verdict.BLOCK
    assert "holds 3, which is not text" in opinion.reason


@pytest.mark.parametrize(
    "code",
    [
        "rm   -rf\t/",
        "'rm' \"-rf\" /",
        "r'm' -r\"f\" /",
        "\\rm -rf /",
        "r\\m -rf /",
        "$'\\x72m' -rf /",
        "rm \\\n  -rf \\\n  /",
        "/bin/rm -rf /",
        "sudo rm -rf /",
        "sudo -u root -E rm -rf /",
        "sudo -uroot -- rm -rf /",
        "doas rm -rf /",
        "env LANG=C rm -rf /",
        "env -i -u HOME A=b sudo nice -n 5 rm -rf /",
        "env -S 'rm -rf /'",
        "A=b C='d e' rm -rf /",
        "command rm -rf /",
        "exec -a x rm -rf /",
        "nohup rm -rf / &",
        "time -p rm -rf /",
        "timeout -s KILL 5 rm -rf /",
        "busybox rm -rf /",
        "xargs -n 1 rm -rf /",
        "cd / && rm -rf /",
        "ls || rm -rf / ; echo",
        "ls;rm -rf /;ls",
        "ls & rm -rf / & ls",
        "yes | rm -rf /",
        "(cd /; rm -rf /)",
        "{ rm -rf /; }",
        "echo $(rm -rf /)",
        'echo "a $(echo $(rm -rf /)) b"',
        "echo `rm -rf /`",
        "echo `echo \\`rm -rf /\\``",
        "x=$(rm -rf /)",
        "x=$( (rm -rf /) )",
        "echo ${x:-$(rm -rf /)}",
        "cat <(rm -rf /)",
        "if true; then rm -rf /; fi",
        "if rm -rf /; then ls; fi",
        "while rm -rf /; do ls; done",
        "until false; do rm -rf /; done",
        "for f in a b; do rm -rf /; done",
        "for ((i=0;i<3;i++)); do rm -rf /; done",
        "case $1 in a|b) rm -rf / ;; esac",
        "x=$(case a in a) rm -rf /;; esac)",
        "! rm -rf /",
        "f() { rm -rf /; }; f",
        "function f { rm -rf /; }",
        "[[ -n $x && $y ]] && rm -rf /",
        "((x<<2)); rm -rf /",
        "rm -rf / 2>/dev/null",
        "> log rm -rf /",
        "rm -rf / # clean up",
        "bash -c 'rm -rf /'",
        "sudo bash -o pipefail -lc \"cd /; rm -rf '/'\"",
        "bash -c \"bash -c 'rm -rf /'\"",
        "su - root -c 'rm -rf /'",
        "eval rm -rf /",
        "eval 'rm -rf' /",
        "eval eval eval rm -rf /",
        "trap 'rm -rf /' EXIT",
        "watch -n 1 'rm -rf /'",
        "find . -name x -exec rm -rf / \\;",
        "find . -exec sh -c 'rm -rf /' ';'",
        "bash <<END\necho\n  rm  -rf / \nEND",
        "bash <<< 'rm  -rf  /'",
        "cat <<END\nsome text $(rm  -rf /)\nEND",
        "cat <<'END'\ntext '\nEND\nrm  -rf /",
        "cat <<-END\n\ttext\n\tEND\nrm  -rf /",
        "echo $((1<<2)) $x\nrm  -rf /",
        "echo \\' ; rm  -rf /",
        'echo "\\"" ; rm  -rf /',
        "rm  -rf /\necho 'an open quote",
    ],
)
def test_a_command_is_found_however_it_is_written(code: str) -> None:
    assert blocks("shell", code, "rm -rf /")


@pytest.mark.parametrize(
    "code",
    [
        "rm -fr /",
        "rm -r -f /",
        "rm --recursive --force /",
        "rm -Rf /",
        "rm -rfv --no-preserve-root /",
        "rm / -rf",
        "rm -rf -- /",
        "rm -rf //",
        "rm -rf /.",
        "rm -rf /tmp/x /",
    ],
)
def test_options_and_operands_of_rm_compare_in_any_order_and_with_more(code: str) -> None:
    assert blocks("shell", code, "rm -rf /")


@pytest.mark.parametrize("home", ["~", "~/", "$HOME", "${HOME}", '"$HOME/"'])
def test_the_home_folder_is_one_place_under_all_its_names(home: str) -> None:
    assert blocks("shell", f"rm -rf {home}", "rm -rf ~")


@pytest.mark.parametrize(
    "code",
    [
        "dd of=/dev/sda bs=4M if=/dev/zero status=progress",
        "chmod 777 --recursive /",
        "mkfs.ext4 -F /dev/sda",
        "sudo shred -n 3 /dev/sda",
        "cat image > /dev/sda",
        "echo x >| /dev/sda",
        "sudo sh -c 'echo c > /proc/sysrq-trigger'",
        ":(){ :|:&};:",
        "cd /tmp; ': ' ; \\: () { :|:& };:",
        "':'\\\n(){ :|:& };:",
        "echo b >| /proc/'sysrq'-trigger",
        ":() {\n  :|:&\n}\n:",
        "echo $HOME; rm -rf ${HOME}",
    ],
)
def test_the_defaults_block_the_usual_spellings_of_their_disasters(code: str) -> None:
    assert blocks("shell", code)


LOOK_ALIKES = [
    "echo rm -rf /",
    "echo 'rm -rf /'",
    'echo "; rm -rf /"',
    "# sudo rm -rf /",
    "ls # ; rm -rf /",
    "git commit -m 'never rm -rf / again'",
    "grep -rn 'rm -rf /' .",
    "rm -rf /tmp/build",
    "rm -rf ./",
    "rm -rf .",
    "rm -rf ~/project/build",
    "rm -f /",
    "command -v reboot",
    "man reboot",
    "systemctl status reboot.target",
    "actions=(reboot halt poweroff)",
    "[[ $action =~ ^(reboot|halt)$ ]] && ls",
    "case $1 in reboot) ls ;; halt|poweroff) ls ;; esac",
    "reboot() { echo no; }",
    "for word in reboot halt; do echo $word; done",
    "cat > notes <<END\nthen sudo reboot\nEND",
    "cat > notes <<END\nDon't: $x `ls`\nEND\nls",
    "echo hello > /dev/null 2>&1",
    "dd if=disk.img of=copy.img",
    "chmod -R 777 ./public",
    "kill -9 1234",
    "shutdown --help",
]


@pytest.mark.parametrize("code", LOOK_ALIKES)
def test_what_only_looks_like_a_forbidden_command_is_left_alone(code: str) -> None:
    assert not blocks("shell", code)


@pytest.mark.parametrize(
    "code",
    [
        "import os\nos.system('sudo rm  -rf /')",
        "import os as o\no.system('rm  -rf /')",
        "from os import system as s\ns('rm  -rf /')",
        "__import__('os').system('rm  -rf /')",
        "import importlib\nimportlib.import_module('os').popen('rm  -rf /')",
        "import subprocess\nsubprocess.run('ls; rm  -rf /', shell=True)",
        "import subprocess\nsubprocess.run(args=['rm', '-rf', '/'])",
        "import subprocess\nsubprocess.check_call(['sudo', '/bin/rm', '-rf', '/'])",
        "import subprocess\nsubprocess.Popen(['bash', '-c', 'rm  -rf /'])",
        "import subprocess\nsubprocess.run('rm -rf /'.split())",
        "import shlex, subprocess\nsubprocess.run(shlex.split('rm -rf \"/\"'))",
        "import subprocess\nsubprocess.run(['rm', '-rf'] + ['/'])",
        "import os\nos.system(' '.join(['rm', '-rf', '/']))",
        "import os\nos.system('rm ' + '-rf' + ' /')",
        "import os\ntarget = '/'\nos.system('rm -rf ' + target)",
        "import os\nos.system(f'rm  -rf /')",
        "import os\nos.system(b'rm  -rf /')",
        "import os\nos.execvp('rm', ['rm', '-rf', '/'])",
        "import os\nos.execl('/bin/rm', 'rm', '-rf', '/')",
        "import os\nos.spawnlp(os.P_WAIT, 'rm', 'rm', '-rf', '/')",
        "import os\n\uff4f\uff53.\uff53\uff59\uff53\uff54\uff45\uff4d('rm  -rf /')",
        "!rm  -rf /",
        "if x:\n    files = !rm  -rf /\n",
        "%system rm  -rf /",
        "%%bash\ncd /\nrm  -rf /",
        "%time 1\nimport os\nos.system('rm  -rf /')",
        "def broken(:\nos.system('rm  -rf /')",
    ],
)
def test_python_that_runs_a_forbidden_command_is_blocked(code: str) -> None:
    assert blocks("python", code, "rm -rf /")


@pytest.mark.parametrize(
    "code",
    [
        "import shutil\nshutil.rmtree('/')",
        "from shutil import rmtree as wipe\nwipe('/', ignore_errors=True)",
        "import shutil\nroot = '/'\nshutil.rmtree(root)",
        "import shutil, os\nfrom os.path import expanduser\nshutil.rmtree(expanduser('~'))",
        "import os, signal\nos.kill(-1, signal.SIGKILL)",
        "import os\nos.system('DEL /s /q /f c:/')",
    ],
)
def test_python_calls_on_the_list_are_blocked_under_any_name(code: str) -> None:
    assert blocks("python", code)


@pytest.mark.parametrize(
    "code",
    [
        "print('rm -rf /')",
        "# os.system('rm -rf /')",
        "import os\nos.system('echo rm -rf /')",
        "text = '''to clean up,\nsudo rm -rf / is wrong'''",
        "import shutil\nshutil.rmtree('/tmp/build')",
        "import shutil\nshutil.rmtree(path)",
        "import subprocess\nsubprocess.run(['echo', 'rm', '-rf', '/'])",
        "import subprocess\nsubprocess.run(['ls'], cwd='/', env={})",
        "robot.system('rm -rf /x')",
        "os.kill(pid, 9)",
    ],
)
def test_python_that_only_mentions_one_is_left_alone(code: str) -> None:
    assert not blocks("python", code)


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("cmd", "@echo off\r\nDEL  /s /q /f c:\\"),
        ("cmd", "echo x & C:\\Windows\\System32\\format.com C: /q"),
        ("bat", "cmd /c rd /q /s C:\\Windows"),
        ("powershell", "Remove-Item C:\\ -Force -Recurse"),
        ("powershell", 'powershell -Command "Stop-Computer" -Force; stop-computer -force'),
    ],
)
def test_windows_commands_are_found_without_regard_to_case_and_order(language: str, code: str) -> None:
    assert blocks(language, code)


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("cmd", "echo format C:"),
        ("cmd", "rem format C:"),
        ("cmd", "del /q C:\\build\\x.obj"),
        ("powershell", "Remove-Item -Recurse -Force .\\build"),
    ],
)
def test_windows_look_alikes_are_left_alone(language: str, code: str) -> None:
    assert not blocks(language, code)


plain_words = st.text(string.ascii_letters + string.digits + "._/", min_size=1, max_size=8)
any_words = st.text(string.printable, max_size=8)
commands = st.tuples(
    plain_words.map(lambda word: "do" + word.replace("/", "")), st.lists(any_words.filter(bool), max_size=4)
)
prefixes = st.lists(
    st.sampled_from(["sudo ", "sudo -u me ", "env A=b ", "nice -n 3 ", "A='b c' ", "command ", "\\sudo ", "time "]),
    max_size=4,
).map("".join)
surroundings = st.sampled_from(
    [
        "{}",
        "ls; {}",
        "ls && {} | cat",
        "( {} )",
        "echo $( {} )",
        'x="$( {} )"',
        "if {}; then :; fi",
        "{} 2>&1 &",
        "ls\n{}\n",
    ]
)


@st.composite
def quoted(draw: st.DrawFn, word: str) -> str:
    """Draw a spelling of a word: each piece of it bare, single-quoted, double-quoted, or behind backslashes."""
    cut = draw(st.integers(0, len(word)))
    pieces = []
    for piece in (word[:cut], word[cut:]):
        style = draw(st.sampled_from(["quote", "double", "backslash"]))
        if style == "double":
            pieces.append('"' + "".join("\\" + c if c in '"\\$`' else c for c in piece) + '"')
        elif style == "backslash" and "\n" not in piece and piece:
            pieces.append("".join("\\" + c for c in piece))
        else:
            pieces.append(shlex.quote(piece))
    return "".join(pieces)


@settings(deadline=None)
@given(data=st.data(), command=commands, prefix=prefixes, surrounding=surroundings)
def test_any_quoting_spacing_and_prefix_of_an_entry_is_blocked(
    data: st.DataObject, command: tuple[str, list[str]], prefix: str, surrounding: str
) -> None:
    words = [command[0], *command[1]]
    blanks = st.sampled_from([" ", "  ", "\t", " \\\n "])
    spelt = "".join(data.draw(quoted(word)) + data.draw(blanks) for word in words)
    assert blocks("shell", surrounding.replace("{}", prefix + spelt), shlex.join(words))


@settings(deadline=None)
@given(
    command=commands, quote=st.sampled_from(["echo {}", "printf '%s' {}", "# {}", "x={}", "cat > f <<'E'\nsee {}\nE"])
)
def test_an_entry_that_is_only_mentioned_is_never_blocked(command: tuple[str, list[str]], quote: str) -> None:
    entry = shlex.join([command[0], *command[1]]).replace("\n", "").replace("\r", "")
    assert not blocks("shell", quote.replace("{}", shlex.quote(entry)), entry)


@pytest.mark.parametrize("character", ["\u00e9", "\u4e2d", "\U0001f600", "\U000f33a2", "\U0010ffff"])
def test_no_character_brings_the_reader_down_or_joins_a_name(character: str) -> None:
    for code in (f"{character}{{{character}", f"echo {{{character}..{character}}}", f"${{{character}}}$'{character}'"):
        review("shell", code)
    assert blocks("shell", f"true {{{character}; rm -rf /")
    assert blocks("shell", f"X=/; rm -rf $X #{character}")


@settings(deadline=None)
@given(st.text(), st.sampled_from(["shell", "python", "cmd", "ruby"]))
def test_no_text_makes_the_reviewer_raise(code: str, language: str) -> None:
    opinion = review(language, code)
    assert opinion is None or opinion.verdict is Verdict.ALLOW or opinion.reason


punctuation = st.text("rm-f /$(){}`'\"\\;|&<>#!%\n=[]casein", max_size=60)


@settings(deadline=None)
@given(punctuation, st.text("rm /$()`'\"\\\n;|&<>", max_size=20))
def test_no_punctuation_hides_a_line_that_is_an_entry(code: str, entry: str) -> None:
    opinion = review("shell", code + "\nrm -rf /", Policy(forbidden_commands=["rm -rf /", entry]))
    assert opinion is not None
    assert opinion.verdict is Verdict.BLOCK


@settings(deadline=None)
@given(punctuation)
def test_code_without_a_forbidden_command_is_never_blocked(code: str) -> None:
    assert not blocked_by(Policy(forbidden_commands=["format disk"]), code)


def test_what_was_found_before_the_nesting_grew_too_deep_blocks() -> None:
    assert blocks("shell", "sudo rm  -rf /\n" + "eval " * 20_000)


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("shell", 'for f in *.txt; do echo "$f" | grep -q \'a b\' && mv "$f" /tmp; done\n' * 4_000),
        ("shell", "$(" * 150_000),
        ("shell", '"$(' * 100_000),
        ("shell", "`" * 300_000),
        ("shell", "a=" + "(" * 150_000 + "''" * 75_000),
        ("shell", "<<a " * 75_000 + "\nx"),
        ("shell", "sudo " * 60_000 + "> x"),
        ("shell", "case a in b) " * 24_000),
        ("python", "import subprocess\n" + "x = f(a, b)[1] + 'text'  # run\n" * 10_000),
        ("python", "import os\nos.system(" + "'a' + " * 48_000 + "'b')"),
        ("python", " " * 300_000 + "!x"),
        ("cmd", "dir /s & " * 33_000),
    ],
    ids=lambda value: value[:12],
)
def test_a_long_block_is_read_in_time_proportional_to_its_length(language: str, code: str) -> None:
    start = time.process_time()
    assert not blocks(language, code)
    assert time.process_time() - start < 10


def test_nesting_too_deep_to_follow_is_asked_about() -> None:
    opinion = review("shell", "eval " * 200_000 + "reboot")
    assert opinion is not None
    assert opinion.verdict is Verdict.ASK


DEEP_OR_LONG = {
    "five megabytes of Python": ("python", "x = [1, 2, 3]\n" * 360_000),
    "five megabytes of shell": ("shell", "echo hello world\n" * 300_000),
    "five megabytes on a line": ("shell", "echo " + "a" * 5_000_000),
    "substitutions": ("shell", "echo " + "$(" * 5_000 + "ls" + ")" * 5_000),
    "shells in shells": ("shell", 'bash -c "' * 2_000),
    "operators": ("python", "not " * 100_000 + "x"),
    "here-documents": ("shell", "cat <<A\n" * 20_000),
}


@pytest.mark.parametrize("name", DEEP_OR_LONG)
def test_code_too_long_or_deep_to_be_read_is_asked_about_soon(name: str) -> None:
    started = time.process_time()
    opinion = review(*DEEP_OR_LONG[name])
    assert opinion is not None
    assert opinion.verdict is Verdict.ASK
    assert time.process_time() - started < 20
