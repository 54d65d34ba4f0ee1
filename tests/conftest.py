"""Settings of the whole suite."""

from __future__ import annotations

from hypothesis import settings

# A deadline measures the machine, not the code: timings live in benchmarks/.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")
