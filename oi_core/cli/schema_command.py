"""The subcommands of ``interpreter schema``: what programs read and write, for programs that check it."""

from __future__ import annotations

import json
import sys

import click

from oi_core.cli.exit_codes import ExitCode


@click.group(no_args_is_help=False)
def schema() -> None:
    """Write a JSON Schema."""


@schema.command()
def events() -> int:
    """Write the JSON Schema of a record of --json."""
    from oi_core.view.record_schema import record_schema

    sys.stdout.write(json.dumps(record_schema(), indent=2) + "\n")
    return ExitCode.DONE
