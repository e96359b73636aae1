"""`python -m sounditout`."""

from sounditout.cli import app

app(prog_name="sounditout")
