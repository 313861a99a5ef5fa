import asyncio
import socket

import pytest

from tests.net import NetworkReached

AWAY = ("198.51.100.7", 80)


def test_a_connection_that_leaves_the_machine_is_refused():
    with socket.socket() as away, pytest.raises(NetworkReached):
        away.connect(AWAY)


def test_a_datagram_that_leaves_the_machine_is_refused():
    with socket.socket(type=socket.SOCK_DGRAM) as away, pytest.raises(NetworkReached):
        away.sendto(b"", AWAY)


def test_a_name_is_not_looked_up():
    with pytest.raises(NetworkReached):
        socket.getaddrinfo("example.org", 80)


@pytest.mark.anyio
async def test_asyncio_is_caught_too():
    with pytest.raises(NetworkReached):
        await asyncio.open_connection(*AWAY)


@pytest.mark.anyio
async def test_loopback_is_open():
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.close()
        await writer.wait_closed()
