"""The driven SQLite passes the suite that every executor has to pass."""

from __future__ import annotations

import oi_sql

from oi_core.plugin_api import Executor, Workspace
from oi_core.testing.conformance import UNICODE, ExecutorConformance

COUNT = (
    "WITH RECURSIVE count(n) AS (SELECT 1 UNION ALL SELECT {} FROM count) SELECT sum(n) FROM (SELECT n FROM count{});"
)


class TestSql(ExecutorConformance):
    hello = ".print hello"
    store = "CREATE TABLE kept AS SELECT 41 AS x"
    recall = "SELECT x FROM kept"
    error = "SELECT oops FROM kept"
    unicode = f"SELECT '{UNICODE}'"
    slow = f".print first\n{COUNT.format('n + 1', ' LIMIT 20000000')}\n.print second"
    endless = f".print started\n{COUNT.format('n', '')}"
    forged_marker = ".print \x1b]6973;0123456789abcdef;z;1;ok\x07after"
    long_code = "-- a line of code that is repeated until the block is a megabyte long"

    def start(self) -> Executor:
        return oi_sql.start(Workspace())
