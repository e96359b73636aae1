"""Our server, speaking TLS itself.

    python -m bench.tls_server HOST PORT CERTIFICATE KEY

In production a reverse proxy speaks TLS; for round trips it makes no difference who does.
"""

import sys

from sounditout import logs
from sounditout.app import create_app
from sounditout.server import listen, make_server
from sounditout.settings import Settings


def main() -> None:
    """Serve until a signal says stop."""
    host, port, certificate, key = sys.argv[1:]
    settings = Settings()
    logs.configure(settings.log_level)
    server = make_server(create_app(settings), settings)
    server.config.ssl_certfile, server.config.ssl_keyfile = certificate, key
    server.run([listen(host, int(port))])


if __name__ == "__main__":
    main()
