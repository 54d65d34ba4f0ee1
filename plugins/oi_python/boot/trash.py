"""Boot text, loaded for the first cell where the setting ``trash`` is on: what deletes files moves them there."""

from __future__ import annotations

import os

from oi_python.boot.showing import write_error


def delete_into_trash() -> None:
    """Run the code that the session named for it, apart from the cells' names."""
    path = os.environ["OI_TRASH_CODE"]
    names = {"__name__": "<trash>"}
    try:
        with open(path, encoding="utf-8") as file:  # noqa: PTH123  (the fewest imports)
            exec(compile(file.read(), path, "exec"), names)  # noqa: S102  (a file of the program's own)
        names["install"]()  # type: ignore[operator]  # a function of that code
    except Exception as error:  # noqa: BLE001  (the person is told, and goes on as without it)
        write_error(f"the trash does not work here, what is deleted is gone: {error}\n")


delete_into_trash()
