"""Settings of the whole suite."""

from __future__ import annotations

import signal

from hypothesis import settings

# A deadline measures the machine, not the code: timings live in benchmarks/.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")

# A shell starts what it puts into the background with interrupts ignored; programs under test would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
