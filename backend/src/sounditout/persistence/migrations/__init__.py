"""Versions of the tables, applied in order at every start."""
