"""Whom a network address stands for, when so much is allowed per address."""

import ipaddress
from typing import Final

_SITE_PREFIX: Final = 64
"""Bits of an IPv6 address that a provider gives out; the customer may choose the others as often as they like."""


def site(address: str) -> str:
    """What one customer of a provider has: one IPv4 address, or a network of IPv6 addresses.

    What is no address (a client on a Unix socket has none) is returned as it is.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(parsed), _SITE_PREFIX), strict=False))
