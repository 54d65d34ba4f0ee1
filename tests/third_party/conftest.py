"""Distributions from outside: their tests run where they are installed, as ``test_outside_plugin`` does."""

from importlib.util import find_spec
from pathlib import Path

collect_ignore = [folder.name for folder in Path(__file__).parent.glob("oi_*") if find_spec(folder.name) is None]
