"""CPU time to review 20 KB of Python and of shell code, beside one parse of it by ``ast`` and by tree-sitter.

Run: ``python benchmarks/review.py``. The bar is 50 ms of CPU for one block of 20 KB, all rules and forbidden commands.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Callable
from pathlib import Path

import oi_forbidden
from oi_forbidden.python_reader import parse_python
from oi_forbidden.shell_tree import parse_shell

from oi_core.forbidden_defaults import DEFAULT_FORBIDDEN_COMMANDS
from oi_core.plugin_api import CodeBlock, Policy

SIZE = 20_000
BAR_MS = 50.0
POLICY = Policy(folder=Path("/home/me/project"), forbidden_commands=DEFAULT_FORBIDDEN_COMMANDS)

PYTHON = '''
import os, subprocess
import pandas as pd

def load_{n}(path, columns=None):
    """Read a table, keep some columns."""
    table = pd.read_csv(os.path.join("data", path), usecols=columns)
    table["total"] = table["price"] * table["count"]
    for name, group in table.groupby("month"):
        print(f"{{name:<12}} {{group['total'].sum():8.2f}}")
    with open(f"out/{{path}}.json", "w") as file:
        file.write(table.to_json())
    subprocess.run(["git", "add", f"out/{{path}}.json"], check=True)
    return table
'''

SHELL = """
OUT_{n}="$HOME/out/$(date +%F)"
mkdir -p "$OUT_{n}"
for f in data/*.csv; do
  name=$(basename "$f" .csv)
  if grep -q "error" "$f"; then
    echo "skipping $name" >&2
  else
    sort -t, -k2 "$f" | awk -F, '{{print $1, $2}}' > "$OUT_{n}/$name.txt"
  fi
done
tar czf "out_{n}.tgz" "$OUT_{n}" && curl -s https://example.com/done?n={n} | jq .status
"""


def source(template: str) -> str:
    text = ""
    while len(text) + len(template) < SIZE:
        text += template.format(n=len(text))
    return text


def cpu_ms(work: Callable[[], object], rounds: int = 9) -> float:
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best * 1000


def review_afresh(block: CodeBlock) -> None:
    parse_python.cache_clear()
    oi_forbidden.review_code(block, POLICY)


def main() -> int:
    python, shell = source(PYTHON), source(SHELL)
    worst = 0.0
    for language, code, parse in (
        ("python", python, lambda: ast.parse(python)),
        ("shell", shell, lambda: parse_shell(shell.encode())),
    ):
        block = CodeBlock("call", language, code)
        review = cpu_ms(lambda: review_afresh(block))  # noqa: B023  (called at once)
        parsing = cpu_ms(parse)
        worst = max(worst, review)
        figures = f"review {review:6.1f} ms  one parse {parsing:6.1f} ms  ratio {review / parsing:5.1f}"
        print(f"{language:<7} {len(code)} characters  {figures}")
    print(f"bar {BAR_MS:.0f} ms: {'held' if worst <= BAR_MS else 'missed'}")
    return 0 if worst <= BAR_MS else 1


if __name__ == "__main__":
    raise SystemExit(main())
