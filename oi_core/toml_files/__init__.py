"""TOML files: read with the place of every key, changed with the comments kept."""
