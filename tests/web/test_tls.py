"""Whose word is taken: the public authorities', and those that the configuration names."""

import shutil
import ssl
import subprocess
from pathlib import Path

import httpx
import pytest

from crawler.cli.wiring import wired
from crawler.config import Config
from crawler.core.model import Exchange, Failure, Outcome, Url
from crawler.errors import ConfigError
from crawler.web.engine import Engine
from crawler.web.faults import TlsError
from crawler.web.guard import Guard
from crawler.web.politeness import Manners
from crawler.web.tls import Tls, trusting_also, trusting_the_usual
from tests.standin import Standin, certificate_for, page

pytestmark = pytest.mark.anyio


async def test_an_authority_that_the_configuration_names_is_trusted(tmp_path):
    certificate = certificate_for(["localhost"], tmp_path)
    if certificate is None:
        pytest.skip("no openssl here to make a certificate with")
    table = {}
    async with Standin(table, certificate=certificate) as web:
        url = f"https://localhost:{web.ports[True]}/"
        table[url] = page("a page of the intranet")
        guard = Guard(allow=("127.0.0.0/8", "::1"), ports=(web.ports[True],))
        answers = []
        for tls in (Tls(), Tls("cert.pem")):
            config = Config(folder=tmp_path, guard=guard, tls=tls, manners=Manners(obey_robots=False))
            async with wired(config) as parts:
                answers.append(await parts.client.fetch(Url(url)))
    stranger, trusted = answers
    assert isinstance(stranger, Failure)
    assert stranger.outcome is Outcome.TLS_ERROR
    assert isinstance(trusted, Exchange)


AUTHORITY = """
[ca]
default_ca = own
[own]
dir = .
database = index.txt
new_certs_dir = .
default_md = sha256
policy = any
rand_serial = yes
copy_extensions = copy
[any]
commonName = optional
"""


def certificate_between(begins: str, ends: str, folder: Path) -> Path:
    """Write a self-signed certificate for a.example, valid between two times, and its key, in one file."""
    openssl = shutil.which("openssl") or pytest.skip("no openssl here to make a certificate with")
    (folder / "ca.cnf").write_text(AUTHORITY)
    (folder / "index.txt").touch()
    request = "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=a -addext subjectAltName=DNS:a.example"
    signing = f"ca -batch -config ca.cnf -selfsign -notext -keyfile key.pem -in request.pem -startdate {begins} -enddate {ends}"
    for command in (f"{request} -keyout key.pem -out request.pem", f"{signing} -out cert.pem"):
        subprocess.run([openssl, *command.split()], cwd=folder, check=True, capture_output=True)
    path = folder / "certificate.pem"
    path.write_bytes((folder / "cert.pem").read_bytes() + (folder / "key.pem").read_bytes())
    return path


@pytest.mark.parametrize(
    ("begins", "ends", "host", "says"),
    [
        ("20160101000000Z", "20990101000000Z", "a.example", None),
        ("20160101000000Z", "20990101000000Z", "b.example", "Hostname mismatch"),
        ("20160101000000Z", "20990101000000Z", "b.a.example", "Hostname mismatch"),
        ("20160101000000Z", "20990101000000Z", "93.184.216.34", "IP address mismatch"),
        ("20160101000000Z", "20161231000000Z", "a.example", "certificate has expired"),
        ("20980101000000Z", "20990101000000Z", "a.example", "certificate is not yet valid"),
    ],
)
async def test_an_authority_that_is_trusted_is_so_for_its_names_and_its_time(tmp_path, begins, ends, host, says):
    url = f"https://{host}/"
    async with Standin({url: page("a page")}, certificate=certificate_between(begins, ends, tmp_path)) as web:
        context = trusting_also(tmp_path / "cert.pem")
        engine = Engine(Guard(), ssl_context=context, resolve=web.resolve, dial=web.dial)
        if says is None:
            assert (await engine.handle_async_request(httpx.Request("GET", url))).status_code == 200
        else:
            with pytest.raises(TlsError, match=says):
                await engine.handle_async_request(httpx.Request("GET", url))
        await engine.aclose()


def test_the_usual_authorities_are_asked_as_those_besides_them():
    usual = trusting_the_usual()
    assert usual.check_hostname
    assert usual.verify_mode is ssl.CERT_REQUIRED
    assert usual.cert_store_stats()["x509_ca"] > 50


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_a_file_without_authorities_is_a_fault_of_the_configuration(tmp_path, content):
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"tls\.ca_file: .*ca\.pem"):
        trusting_also(path)
