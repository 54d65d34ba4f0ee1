"""``python -m oi_core``: the command ``interpreter``, without the current folder on the import path.

What this cannot hold: in a folder with an ``oi_core`` of its own, Python runs that one before any line of ours. There,
start the command ``interpreter``, or ``python -P -m oi_core``.
"""

from __future__ import annotations

import sys

if __name__ == "__main__":
    if not sys.flags.safe_path:  # a cloned repository must not shadow a module of the program's own
        del sys.path[0]
    from oi_core.cli import main

    sys.exit(main())
