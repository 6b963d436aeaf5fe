"""TLS is verified, and for the name."""

import contextlib
import shutil
import socket
import ssl
import subprocess
import threading
from pathlib import Path

import pytest

from webhooks.outgoing import target
from webhooks.outgoing.target import Unreachable, post

from .listening import LOOPBACK, answer, listening, read_request

SOON = 30  # seconds that a busy machine may take for what needs none


@pytest.fixture
def nearby(settings):
    settings.OUTGOING_ALLOWED_NETWORKS = LOOPBACK


@contextlib.contextmanager
def tls_server(directory):
    """A server with a certificate for `localhost`, signed by itself; its port and that file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl to make a certificate")
    certificate, key = Path(directory) / "certificate.pem", Path(directory) / "key.pem"
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    command += ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    def serve(listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with (
                contextlib.suppress(OSError),
                context.wrap_socket(connection, server_side=True) as s,
            ):
                read_request(s)
                answer(s)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        yield listener.getsockname()[1], certificate


@pytest.fixture
def trust(monkeypatch):
    """Makes it trust a certificate alone."""

    def trusting(certificate):
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        target._tls.cache_clear()

    yield trusting
    monkeypatch.undo()
    target._tls.cache_clear()


def test_a_certificate_is_verified_for_the_name(tmp_path, nearby, trust):
    with tls_server(tmp_path) as (port, certificate):
        with pytest.raises(Unreachable, match="certificate is not valid: self-signed"):
            post(f"https://localhost:{port}/", b"{}", {}, SOON)
        trust(certificate)
        assert post(f"https://localhost:{port}/", b"{}", {}, SOON).status == 200
        with pytest.raises(Unreachable, match="certificate is not valid: IP address mismatch"):
            post(f"https://127.0.0.1:{port}/", b"{}", {}, SOON)


def test_plain_http_where_tls_is_expected(nearby):
    with listening(lambda connection, *_: answer(connection)) as (port, _):
        with pytest.raises(Unreachable):
            post(f"https://127.0.0.1:{port}/", b"{}", {}, 0.5)
