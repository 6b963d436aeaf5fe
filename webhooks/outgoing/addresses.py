"""Which addresses a target may have. Whoever makes a subscription chooses where this server
connects to, so by default that is the public Internet and nothing nearer."""

import ipaddress
import logging
import socket

from django.conf import settings

logger = logging.getLogger(__name__)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Written out from IANA's registries of special addresses: what Python calls private or global
# differs from version to version.
_REFUSED = [
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",  # this host
        "10.0.0.0/8",
        "100.64.0.0/10",  # behind a carrier's translator; metadata of a cloud
        "127.0.0.0/8",
        "168.63.129.16/32",  # public by its number, but the inside of a cloud
        "169.254.0.0/16",  # link-local; metadata of most clouds
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
        "2001::/23",  # protocols, Teredo among them
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which holds an IPv4 address
        "2620:4f:8000::/48",
        "3fff::/20",  # documentation
    )
]
# All else of IPv6 is loopback, local, multicast, reserved, or holds an IPv4 address: mapped,
# compatible, translated (NAT64).
_GLOBAL_V6 = ipaddress.ip_network("2000::/3")


class Forbidden(Exception):
    """A name that leads nowhere, or to an address that no target may have. It says not which:
    whoever makes subscriptions could map the network that this server stands in."""

    def __init__(self):
        super().__init__("its name leads to no address that a target may have")


def is_allowed(address: Address) -> bool:
    if any(address in network for network in settings.OUTGOING_ALLOWED_NETWORKS):
        return True
    if address.version == 6 and address not in _GLOBAL_V6:
        return False
    return not any(address in network for network in _REFUSED)


def resolved(host: str, port: int) -> list[tuple]:
    """What `socket.getaddrinfo` says of a target. Raises Forbidden if any of its addresses is not
    allowed, for a name that has both kinds is not an honest one, or if it has none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        logger.warning("The target %s cannot be resolved: %s", host, error.strerror)
        raise Forbidden from error
    for *_, place in found:
        address = ipaddress.ip_address(place[0].partition("%")[0])
        if not is_allowed(address):
            logger.warning("The target %s leads to %s, which none may have", host, address)
            raise Forbidden
    return found


def literal(host: str) -> Address | None:
    """The address that a host is written as, in any spelling that the system reads, or None."""
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))  # 127.1, 0x7f000001, 2130706433
    except (OSError, UnicodeError):
        return None
