"""See `bench.tcp_proxy`."""

from bench.tcp_proxy import Link, TcpProxy

__all__ = ["Link", "TcpProxy"]
