"""One command per number. Each prints what it measured, on what, and writes JSON under `bench/results`."""
