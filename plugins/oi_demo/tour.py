"""The tour: what it shows, in which order, and what it makes of what the programs print."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from oi_demo.output import Output, shortened
from oi_demo.script import Part, Say, Script

OPENING: Final = (
    "I am a scripted demo, not a language model: my lines were written in advance. Everything after me is real. "
    "The code runs on this machine, and I answer to what it prints."
)

NEXT_STEPS: Final = """\
To go on with a real model:

- OpenAI: `export OPENAI_API_KEY=…`, then `interpreter`
- a local server, or any other: `interpreter --base-url http://127.0.0.1:11434/v1 -m NAME`
- one question and done: `interpreter -p "which files here are the largest?"`
- what there is: `interpreter languages`, `interpreter plugins list`, `interpreter --help`"""

MAKE_SALES: Final = """\
import random

days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
sales = [{"day": day, "cups": random.randint(20, 60)} for day in days]
print(len(sales), "days of sales")
"""

USE_SALES: Final = """\
total = sum(row["cups"] for row in sales)
best = max(sales, key=lambda row: row["cups"])
print(f"{total} cups in the week, most on {best['day']} ({best['cups']})")
"""

SHELL: Final = """\
echo "$(uname -s) on $(uname -m), $(ls | wc -l | tr -d ' ') entries in $PWD"
"""

TABLE: Final = """\
from importlib.util import find_spec

print("day   cups")
for row in sales:
    print(f"{row['day']}   {row['cups']:>4}  " + "█" * (row["cups"] // 2))
print("matplotlib:", "installed" if find_spec("matplotlib") else "not installed")
"""

PLOT: Final = """\
import tempfile
from matplotlib.figure import Figure

figure = Figure(figsize=(5, 3))
figure.subplots().bar([row["day"] for row in sales], [row["cups"] for row in sales])
path = tempfile.mkdtemp(prefix="tour-") + "/cups.png"
figure.savefig(path)
print("saved:", path)
"""

INPUT: Final = """\
name = input("Your name: ")
print(f"Hello, {name}!")
"""

MISTAKE: Final = """\
import csv, random

column = random.choice(["cups_sold", "sold_cups", "cups_total"])
lines = ["day," + column] + [f"{row['day']},{row['cups']}" for row in sales]
rows = list(csv.DictReader(lines))
print("columns:", *rows[0])
print("average:", sum(int(row["cups"]) for row in rows) / len(rows))
"""

MENDED: Final = """\
print("average:", round(sum(int(row[{column!r}]) for row in rows) / len(rows), 1))
"""


@dataclass(slots=True)
class Findings:
    """What came of the tour so far: the facts for its end, and what later stretches build on."""

    facts: list[str] = field(default_factory=list)
    has_sales: bool = False
    matplotlib: bool = False


Stretch = Callable[[str, Findings], Part]


def tour(languages: Sequence[str]) -> Script:
    """Give the tour, as far as these languages allow."""
    found = Findings()
    lead = OPENING
    for stretch in _stretches(languages):
        lead = yield from stretch(lead, found)
    yield Say(_summary(lead, found))


def _stretches(languages: Sequence[str]) -> Iterator[Stretch]:
    if "python" in languages:
        yield from (_make_sales, _use_sales)
    if "shell" in languages:
        yield _run_shell
    if "python" in languages:
        yield from (_show_table, _draw_plot, _ask_name, _make_mistake)


def _make_sales(lead: str, found: Findings) -> Part:
    output = yield Say(_after(lead, "First, Python: I make up a week of coffee sales."), "python", MAKE_SALES)
    count = output.quote(r"^(\d+) days of sales")
    found.has_sales = bool(count)
    return f"{count} days are in memory now." if count else _excuse(output)


def _use_sales(lead: str, found: Findings) -> Part:
    if not found.has_sales:
        return lead
    text = f"{lead} The next block runs in the same process, so `sales` is still there."
    output = yield Say(text, "python", USE_SALES)
    fact = output.quote(r"^(\d+ cups in the week, .+)")
    return _keep(found, fact, f"{fact.partition(' in ')[0]}: it remembered.") or _excuse(output)


def _run_shell(lead: str, found: Findings) -> Part:
    output = yield Say(_after(lead, "The shell is a language too."), "shell", SHELL)
    fact = output.quote(r"^(.+ on .+, \d+ entries in .+)")
    return _keep(found, fact, f"So this is {fact.partition(',')[0]}.") or _excuse(output)


def _show_table(lead: str, found: Findings) -> Part:
    if not found.has_sales:
        return lead
    output = yield Say(_after(lead, "Back in Python, the week as a table."), "python", TABLE)
    found.matplotlib = bool(output.quote(r"^matplotlib: (installed)"))
    return "" if output.quote(r"^(day +cups)") else _excuse(output)


def _draw_plot(lead: str, found: Findings) -> Part:
    if not found.matplotlib:
        return lead
    output = yield Say(_after(lead, "matplotlib is installed here, so I can draw it as well."), "python", PLOT)
    path = output.quote(r"^saved: (.+)")
    return f"The picture is in `{path}`." if path else _excuse(output)


def _ask_name(lead: str, _found: Findings) -> Part:
    output = yield Say(_after(lead, "A program may ask for input, and you answer it, not me."), "python", INPUT)
    error = output.error
    if error is not None and error[0] == "EOFError":
        return (
            "Nobody was there to type, so the program met the end of its input (`EOFError`), as it should in a script."
        )
    if "Hello, !" in output.text:
        return "You just pressed Enter. Fair enough."
    name = output.quote(r"Hello, (.+)!")
    return f"Nice to meet you, {name}." if name else _excuse(output)


def _make_mistake(lead: str, found: Findings) -> Part:
    if not found.has_sales:
        return lead
    text = (
        "Now a mistake. Your machine picks a column's name at random, and my code guesses it wrong. "
        "I can only learn the name from the output."
    )
    output = yield Say(_after(lead, text), "python", MISTAKE)
    match output.error:
        case ("KeyError", key):
            return (yield from _mend(key.strip("'\""), output, found))
        case None if average := output.quote(r"^average: (.+)"):
            return _keep(found, f"an average of {average} cups a day", "No mistake this time.")
        case _:
            return _excuse(output)


def _mend(missing: str, output: Output, found: Findings) -> Part:
    """Mend the mistake with the column that the output lists and that looks most like the missing one."""
    columns = output.quote(r"^columns: (.+)").split()
    column = _most_alike(missing, columns)
    if not column:
        return (
            f"`KeyError: '{missing}'`: there is no such column, and I see no list of the others, so I leave it at that."
        )
    text = (
        f"`KeyError: '{missing}'`: there is no such column. The output lists {_listed(columns)}, "
        f"so `{column}` must be the one."
    )
    output = yield Say(text, "python", MENDED.format(column=column))
    average = output.quote(r"^average: (.+)")
    fact = f"an average of {average} cups a day, from the column `{column}`" if average else ""
    return _keep(found, fact, f"Mended: {average} cups a day.") or _excuse(output)


def _most_alike(missing: str, columns: Sequence[str]) -> str:
    def likeness(column: str) -> tuple[bool, float]:
        word, other = missing.casefold(), column.casefold()
        return word in other, difflib.SequenceMatcher(None, word, other).ratio()

    return max(columns, key=likeness, default="")


def _listed(columns: Sequence[str]) -> str:
    names = [f"`{column}`" for column in columns]
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


def _keep(found: Findings, fact: str, sentence: str) -> str:
    """Keep a fact for the end, and return the sentence about it; "" when there is none."""
    if not fact:
        return ""
    found.facts.append(fact)
    return sentence


def _excuse(output: Output) -> str:
    """Return a sentence about output that is not what the script hoped for."""
    if output.refusal:
        return f"That was not run ({shortened(output.refusal)}), so I go on without it."
    if output.status:
        return f"That ended early ({shortened(output.status)}), so I go on without it."
    if output.error is not None:
        error = shortened(": ".join(part for part in output.error if part))
        return f"That ended in `{error}`, which I did not expect. I go on without it."
    return "That printed something else than I expected; perhaps you edited the code. I go on."


def _after(lead: str, text: str) -> str:
    """Return the text as a paragraph after what is said first, if anything is."""
    return f"{lead}\n\n{text}" if lead else text


def _summary(lead: str, found: Findings) -> str:
    facts = "\n".join(f"- {fact}" for fact in found.facts)
    told = f"What your machine told us:\n\n{facts}" if facts else "This time there is no result to show."
    return _after(lead, f"That is the tour. {told}\n\n{NEXT_STEPS}")
