"""A certificate for a server that lives as long as a benchmark."""

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Certificate:
    """A self-signed one, in PEM files."""

    certificate: Path
    key: Path

    def trusted(self) -> ssl.SSLContext:
        """For clients: TLS 1.3, and nobody else is trusted."""
        context = ssl.create_default_context(cafile=self.certificate)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        return context


def self_signed(folder: Path, *addresses: str) -> Certificate:
    """A certificate for these IP addresses, with a P-256 key, as most sites have. Raises CalledProcessError."""
    made = Certificate(folder / "certificate.pem", folder / "key.pem")
    names = ",".join(f"IP:{address}" for address in addresses)
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-nodes", "-days", "1", "-subj", "/CN=sounditout-bench"),
            *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-addext", f"subjectAltName={names}"),
            *("-out", str(made.certificate), "-keyout", str(made.key)),
        ],
        check=True,
        capture_output=True,
    )
    return made
