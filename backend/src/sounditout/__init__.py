"""Sound It Out: read a sentence aloud, see at once which sounds were right."""

__version__ = "0.1.0"
