"""The address of a server as a person writes it."""

from urllib.parse import urlsplit

from sounditout.client.errors import ConnectionFailed


def checked_address(base_url: str) -> str:
    """The address without a slash at its end, its scheme in small letters. Raises ConnectionFailed: it is none."""
    try:
        parts = urlsplit(base_url)
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return parts.geturl().rstrip("/")
    except ValueError:
        pass
    raise ConnectionFailed(
        "This is not the address of a server; one looks like http://127.0.0.1:8000.", retryable=False
    )
