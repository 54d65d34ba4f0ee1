"""Settings of the whole suite."""

from __future__ import annotations

import os
import signal

from hypothesis import settings

# A deadline measures the machine, not the code: timings live in benchmarks/.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")

# A shell starts what it puts into the background with interrupts ignored; programs under test would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Keys that a developer keeps in the keyring of this machine are none of the tests' business.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
