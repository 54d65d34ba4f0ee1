"""What functions of Python's library, and of well-known others, do: as data, by their dotted names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from oi_forbidden.acts import Verb
from oi_forbidden.names import words


class PathCall(NamedTuple):
    """A function that does something to a path: its place among the arguments (-1: what the method is bound to)."""

    verb: Verb
    place: int = 0
    keyword: str = ""
    tags: str = ""


_DELETE = PathCall(Verb.DELETE, 0, "path")


_DELETE_TREE = PathCall(Verb.DELETE, 0, "path", "recursive")


PATH_CALLS: Final[Mapping[str, tuple[PathCall, ...]]] = {
    **dict.fromkeys(
        ("os.remove", "os.unlink", "send2trash.send2trash", "os.removedirs", "send2trash", "winshell.delete_file"),
        (_DELETE,),
    ),
    **dict.fromkeys(
        words(
            """
            shutil.rmtree distutils.dir_util.remove_tree setuptools._distutils.dir_util.remove_tree
            test.support.rmtree
            """
        ),
        (_DELETE_TREE,),
    ),
    **dict.fromkeys(("pathlib.Path().unlink", "?.unlink"), (PathCall(Verb.DELETE, -1),)),
    "os.truncate": (PathCall(Verb.EMPTY, 0, "path"),),
    **dict.fromkeys(
        ("os.rename", "os.renames", "os.replace", "shutil.move"),
        (PathCall(Verb.MOVE, 0, "src"), PathCall(Verb.WRITE, 1, "dst")),
    ),
    **dict.fromkeys(
        ("pathlib.Path().rename", "pathlib.Path().replace"),
        (PathCall(Verb.MOVE, -1), PathCall(Verb.WRITE, 0, "target")),
    ),
    **dict.fromkeys(
        ("shutil.copy", "shutil.copy2", "shutil.copyfile", "shutil.copytree", "distutils.file_util.copy_file"),
        (PathCall(Verb.READ, 0, "src"), PathCall(Verb.WRITE, 1, "dst")),
    ),
    **dict.fromkeys(("os.symlink", "os.link"), (PathCall(Verb.READ, 0, "src", "link"), PathCall(Verb.WRITE, 1, "dst"))),
    **dict.fromkeys(
        ("pathlib.Path().symlink_to", "pathlib.Path().hardlink_to"),
        (PathCall(Verb.READ, 0, "target", "link"), PathCall(Verb.WRITE, -1)),
    ),
    **dict.fromkeys(
        ("pathlib.Path().write_text", "pathlib.Path().write_bytes", "pathlib.Path().touch"), (PathCall(Verb.WRITE, -1),)
    ),
    **dict.fromkeys(
        ("pathlib.Path().read_text", "pathlib.Path().read_bytes"), (PathCall(Verb.READ, -1, "", "by-code"),)
    ),
    **dict.fromkeys(("os.makedirs", "os.mkdir"), (PathCall(Verb.WRITE, 0, "name", "append folder"),)),
    "pathlib.Path().mkdir": (PathCall(Verb.WRITE, -1, "", "append folder"),),
    "pathlib.Path().rmdir": (),
    **dict.fromkeys(("os.chown", "os.lchown", "shutil.chown"), (PathCall(Verb.OWNER, 0, "path"),)),
    **dict.fromkeys(("linecache.getlines", "linecache.getline"), (PathCall(Verb.READ, 0, "", "by-code"),)),
    "sqlite3.connect": (PathCall(Verb.READ, 0, "database", "by-code"),),
    "zipfile.ZipFile().write": (PathCall(Verb.READ, 0, "filename"),),
    "tarfile.open().add": (PathCall(Verb.READ, 0, "name"),),
    "shutil.make_archive": (PathCall(Verb.READ, 2, "root_dir"),),
    "dotenv.load_dotenv": (),
    "dotenv.dotenv_values": (PathCall(Verb.READ, 0, "dotenv_path"),),
}
"""By function: what it does to which of its arguments."""


SHELL_CALLS: Final = frozenset(
    {
        *("os.system", "os.popen", "os.popen2", "os.popen3", "os.startfile"),
        *(
            f"subprocess.{name}"
            for name in ("run", "call", "check_call", "check_output", "Popen", "getoutput", "getstatusoutput")
        ),
        *(
            "asyncio.create_subprocess_shell",
            "asyncio.subprocess.create_subprocess_shell",
            "pty.spawn",
            "pexpect.run",
            "pexpect.spawn",
        ),
        *(
            "pexpect.runu",
            "pexpect.spawnu",
            "get_ipython().system",
            "get_ipython().getoutput",
            "get_ipython().system_raw",
        ),
        *(
            "commands.getoutput",
            "popen2.popen2",
            "platform.popen",
            "ctypes.CDLL().system",
            "ctypes.cdll.LoadLibrary().system",
        ),
        *(
            "ctypes.CDLL().popen",
            "fabric.Connection().run",
            "fabric.Connection().local",
            "fabric.Connection().sudo",
            "invoke.run",
        ),
        *(
            "invoke.task().run",
            "paramiko.SSHClient().exec_command",
            "os.execv().x",
            "trio.run_process",
            "anyio.run_process",
            "delegator.run",
        ),
        *(
            "envoy.run",
            "plumbum.cmd.bash",
            "psutil.Popen",
            "IPython.get_ipython().system",
            "google.colab._system_commands._run_command",
        ),
        *("docker.from_env().containers.run().exec_run", "ctypes.windll.msvcrt.system", "ctypes.CDLL().execve"),
    }
)
"""Functions whose first argument is a command: source for a shell, or a list of words."""


WORD_CALLS: Final = frozenset(
    {f"os.{stem}{ending}" for stem in ("exec", "spawn") for ending in ("l", "le", "lp", "lpe", "v", "ve", "vp", "vpe")}
    | {
        "os.posix_spawn",
        "os.posix_spawnp",
        "asyncio.create_subprocess_exec",
        "asyncio.subprocess.create_subprocess_exec",
    }
)
"""Functions that take a program's words one by one, or as a list, perhaps after its path and a mode."""


CODE_CALLS: Final = words(
    """
    exec eval execfile code.InteractiveInterpreter().runsource code.InteractiveInterpreter().runcode
    code.InteractiveConsole().push code.InteractiveConsole().runsource get_ipython().run_cell get_ipython().ex
    timeit.timeit timeit.repeat cProfile.run types.FunctionType builtins.exec builtins.eval pandas.eval().x
    """
)
"""Functions that run Python source."""


UNPICKLERS: Final = words(
    """
    pickle.loads pickle.load pickle.Unpickler().load marshal.loads jsonpickle.decode shelve.open joblib.load
    torch.load
    """
)
"""Functions that turn bytes into objects, and can run any code while they do."""
