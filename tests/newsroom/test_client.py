"""Whose address counts: the network's own, and behind proxies of ours what the last of them wrote."""

import pytest
from django.test import RequestFactory

from newsroom.client import client_address


@pytest.mark.parametrize(
    ("hops", "remote", "forwarded", "address"),
    [
        # Without proxies nothing that a client writes is believed.
        (0, "203.0.113.7", None, "203.0.113.7"),
        (0, "203.0.113.7", "198.51.100.1", "203.0.113.7"),
        # One proxy: the last entry is its word; what stands left of it is the client's own.
        (1, "127.0.0.1", "198.51.100.1", "198.51.100.1"),
        (1, "127.0.0.1", "10.0.0.1, 198.51.100.1", "198.51.100.1"),
        (1, "127.0.0.1", " 198.51.100.1 ", "198.51.100.1"),
        # Two: the one before the last.
        (2, "127.0.0.1", "1.2.3.4, 198.51.100.1, 192.0.2.9", "198.51.100.1"),
        # A header with too few entries came around our proxies.
        (2, "127.0.0.1", "198.51.100.1", "127.0.0.1"),
        (1, "127.0.0.1", None, ""),
        # One spelling for each address.
        (0, "2001:DB8:0:0:0:0:0:1", None, "2001:db8::1"),
        (1, "127.0.0.1", "2001:0db8::0001", "2001:db8::1"),
        # A socket for both kinds writes IPv4 as IPv6.
        (0, "::ffff:203.0.113.7", None, "203.0.113.7"),
        # What is no address is none.
        (1, "127.0.0.1", "unknown", ""),
        (1, "127.0.0.1", "198.51.100.1:4711", ""),
        (1, "127.0.0.1", "198.51.100.1\r\nX: y", ""),
        (0, "", None, ""),
    ],
)
def test_client_address(
    settings: object, hops: int, remote: str, forwarded: str | None, address: str
) -> None:
    settings.PROXY_HOPS = hops
    headers = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    assert client_address(RequestFactory().get("/", REMOTE_ADDR=remote, **headers)) == address
