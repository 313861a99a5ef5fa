"""Whose word a server's certificate is taken on."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import certifi

from crawler.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Tls:
    """Whom we trust. Field names are those of config.toml's [tls]."""

    ca_file: str | None = None  # authorities trusted besides the public ones, in PEM: an intranet's own


@cache
def trusting_the_usual() -> ssl.SSLContext:
    """Return a context for the authorities that certifi lists: one for all, as making it takes longer than a hundred requests."""
    # Not create_default_context, which writes keys to the file that SSLKEYLOGFILE names.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    return context


def trusting_also(ca_file: Path) -> ssl.SSLContext:
    """Return a context for those authorities and the ones in a file; raise ConfigError where that is no such file."""
    context = trusting_the_usual.__wrapped__()
    try:
        context.load_verify_locations(ca_file)
    except OSError as error:  # ssl.SSLError is one
        reason = "it holds no certificates in PEM" if isinstance(error, ssl.SSLError) else error.strerror
        raise ConfigError(f"tls.ca_file: {ca_file}: {reason}") from error
    return context
