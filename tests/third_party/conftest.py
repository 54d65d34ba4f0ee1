"""Distributions from outside: their tests run where they are installed, which ``test_outside_plugin`` does."""

collect_ignore_glob = ["oi_*"]
