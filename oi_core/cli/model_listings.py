"""Models for a person: what servers on this machine offer, and what a model can do when it is tried."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from oi_core.cli.exit_codes import ExitCode
from oi_core.cli.options import OutputFormat
from oi_core.cli.signals import interrupt_calls
from oi_core.printed.untrusted_text import neutralise, neutralise_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from oi_core.cli.options import Options
    from oi_core.format_probe import ProbeResult
    from oi_core.local_servers import LocalServer
    from oi_core.session import Session


def list_models(options: Options) -> int:
    """Write the models of the servers that run on this machine; as JSON with ``--json``."""
    from oi_core.local_servers import local_servers

    servers = local_servers()
    if options.output_format is not OutputFormat.TEXT:
        found = [
            {"address": server.address, "kind": server.kind, "models": server.models, "needs_key": server.needs_key}
            for server in servers
        ]
        _write([json.dumps(found, indent=2)])
    else:
        _write(model_rows(servers) or ["no server answers on the usual ports of this machine", *_elsewhere()])
    return ExitCode.DONE


def model_rows(servers: Sequence[LocalServer]) -> list[str]:
    """Return the rows that say how to talk to each model of these servers."""
    rows = []
    for server in servers:
        state = "  wants an API key" if server.needs_key else "" if server.models else "  offers no model"
        rows.append(f"{server.kind} at {server.address}{state}")
        rows += [f"  interpreter --base-url {server.address} -m {name}" for name in server.models]
    return [neutralise_line(row) for row in rows]


def _elsewhere() -> list[str]:
    return ["  interpreter --base-url URL -m MODEL   another OpenAI-compatible server"]


def run_doctor(options: Options) -> int:
    """Write what works here and what does not; with ``-m``, try the model in each of its formats and keep the best."""
    with options.open_session() as session, interrupt_calls(session.interrupt):
        _write(health_rows(session))
        if options.model is None:
            return ExitCode.DONE
        return _try_model(session)


def health_rows(session: Session) -> list[str]:
    """Return a row for each part of the session: the model's key, the languages, the sandbox, the plugins."""
    key = "ready" if session.has_key else f"no API key ({session.config.api_key_env} is not set)"
    rows = [f"model      {session.config.model}: {key}"]
    for language in session.languages.values():
        state = language.probe(session.workspace(language))
        rows.append(
            f"language   {language.name}: {'' if state.available else 'not available, '}{state.detail or 'ready'}"
        )
    rows += sandbox_rows(session)
    broken = [record for record in session.plugins.records if record.status != "ok"]
    rows += [f"plugin     {record.name}: {record.status} {record.reason}" for record in broken]
    rows += [f"notice     {notice.text}" for notice in session.start_notices]
    return [neutralise_line(row) for row in rows]


def sandbox_rows(session: Session) -> list[str]:
    """Return whether each sandbox would start here, and why not."""
    from oi_core.launching import SANDBOX_PREFIX

    rows = []
    for name, launcher in session.plugins.launchers(session.config).items():
        if name.startswith(SANDBOX_PREFIX):
            state = launcher.probe(session.config.folder)
            rows.append(f"sandbox    {name.removeprefix(SANDBOX_PREFIX)}: {state.detail or 'works'}")
            launcher.close()
    return rows


def _try_model(session: Session) -> int:
    from oi_core.format_probe import best_format, probe_formats
    from oi_core.model import SpeaksFormats
    from oi_core.tool_schema import run_code_tool
    from oi_core.workspaces import spoken_names

    model = session.opened_model()
    tools = [run_code_tool(list(session.languages.values()))]
    results = list(probe_formats(model, tools, spoken_names(session.languages), progress=_progress))
    _write(format_rows(results) or [f"{model.name} has one format, nothing to choose"])
    best = best_format(results)
    if best is None:
        return ExitCode.MODEL if results else ExitCode.DONE
    if isinstance(model, SpeaksFormats):
        model.keep_format(best)
    _write([f"{best} is used for this model from now on · model-format sets another"])
    return ExitCode.DONE


def format_rows(results: Sequence[ProbeResult]) -> list[str]:
    """Return the table of formats: how many of the tasks a model did in each, and what went wrong.

    What went wrong in the same way with each, such as a server that is not there, is said once.
    """
    errors = {result.error for result in results}
    if len(errors) == 1 and "" not in errors:
        return [neutralise_line(f"trial      {errors.pop()}")]
    rows = []
    for result in results:
        tasks = len(result.passed) + len(result.failed)
        why = result.error or (f"not: {', '.join(result.failed)}" if result.failed else "")
        rows.append(f"{result.model_format:<8} {len(result.passed)} of {tasks}  {why}".rstrip())
    return [neutralise_line(row) for row in rows]


def _progress(text: str) -> None:
    sys.stderr.write(f"trying {neutralise(text)}\n")
    sys.stderr.flush()


def _write(rows: Sequence[str]) -> None:
    sys.stdout.write("".join(f"{row}\n" for row in rows))
