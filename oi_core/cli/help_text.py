"""What ``interpreter --help`` says: text that is at hand without the option parser, which takes longer to import."""

from __future__ import annotations

from typing import Final

HELP_OPTIONS: Final = ("-h", "--help")

HELP: Final = """\
Usage: interpreter [OPTIONS] [PROMPT]...

Say what you want done; a model writes code, and it runs on this machine when
you agree. Without a prompt, a chat begins. With one it is the chat's first
message; with -p, or away from a terminal, it is answered and that is all.

Examples:
  interpreter                                    chat
  interpreter demo                               a tour without key or network
  interpreter -y -p "how many TODOs are here?"   answer, run code unasked, leave
  interpreter -p "sum the totals" < sales.csv    standard input is data
  interpreter --base-url http://127.0.0.1:11434/v1 -m qwen3

Earlier sessions:
  -c, --continue          go on with the latest one of this folder
      --resume [ID]       go on with the one named; without ID, choose

The model:
  -m, --model NAME        NAME, or PREFIX/NAME for a plugin's
      --base-url URL      an OpenAI-compatible server, up to /v1
      --gguf FILE         the model in FILE, on this machine

What may run:
      --approve HOW       ask, risky (ask when risky), auto or deny
  -y, --yes               run without asking what no reviewer flags; also auto
      --sandbox HOW       none, read-only or workspace
      --timeout SECONDS   limit each block of code; 0 is no limit
      --max-turns N       limit the model's replies to a message
      --max-cost DOLLARS  stop before the session costs more
      --trust-project     trust what this project's pyproject.toml wants

In scripts:
  -p, --print TEXT        answer TEXT and leave; stdout is the answer, the rest
                          goes to stderr; TEXT of - is read from standard input
      --json              a JSON record a line (--output-format jsonl)
      --output-format AS  text, json or jsonl
      --exit-status       exit with 5 when the last code failed

The screen:
      --plain             append-only text in words, no escape sequences
      --no-color          no colours; NO_COLOR does the same

Configuration:
  -o KEY=TOML             set any configuration key; may be repeated
      --config FILE       read FILE, not your own configuration file
      --isolated          read no configuration file, no INTERPRETER_ variable
      --no-plugins        load only the plugins that come with the interpreter
      --version           show the version
  -h, --help              show this text; after a command, that command's own

Commands:
  demo        a tour without key or network; everything but the model is real
  languages   the languages code can run in, and where each one comes from
  models      the models of the servers that run on this machine
  doctor      what works here; with -m, the format that suits a model
  plugins     list; show; install; uninstall; enable; disable; doctor; new; test
  config      show; get KEY; set KEY VALUE; unset KEY; keys; explain KEY; path;
              schema
  completion  bash; zsh; fish: what makes the Tab key complete this command
  schema      events: the records of --json as a JSON Schema
  sessions    list; show ID; search TEXT; export ID; rm ID: what was said and
              run before; the settings sessions.save, dir and keep say how
  trust       what this project's file wants, and whether you allow it; list;
              revoke

A prompt whose first word is one of these commands goes after --, or into -p.
Exit codes: 0 done, 1 a bug, 2 usage or configuration, 3 key or network,
4 approval needed or denied, 5 the last code failed (with --exit-status),
6 a limit was reached, 7 a language could not start, 128 plus the number of a
signal.
"""
