"""Whose word is taken: the public authorities', and those that the configuration names."""

import pytest

from crawler.cli.wiring import wired
from crawler.config import Config
from crawler.core.model import Exchange, Failure, Outcome, Url
from crawler.errors import ConfigError
from crawler.web.guard import Guard
from crawler.web.politeness import Manners
from crawler.web.tls import Tls, trusting_also
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


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_a_file_without_authorities_is_a_fault_of_the_configuration(tmp_path, content):
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"tls\.ca_file: .*ca\.pem"):
        trusting_also(path)
