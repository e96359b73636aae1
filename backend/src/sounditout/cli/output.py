"""Standard output for programs: UTF-8 whatever the terminal speaks."""

import sys


def print_line(text: str) -> None:
    """Write one line at once. Raises BrokenPipeError when nobody reads any more."""
    sys.stdout.buffer.write(f"{text}\n".encode())
    sys.stdout.buffer.flush()
