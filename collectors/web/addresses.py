"""Which addresses a collector may connect to: the public Internet, nothing of the inside.

`ipaddress.is_global` is not enough on Python 3.11: it says yes to NAT64, 6to4, IPv4-compatible
and site-local addresses (reference/collection.md §6), hence an explicit list.
"""

import ipaddress
from urllib.parse import urlsplit

from domain.errors import Refused

_V6_PUBLIC = ipaddress.ip_network("2000::/3")
_V6_REFUSED = tuple(
    ipaddress.ip_network(n)
    for n in (
        "2001::/23",  # IETF protocols, Teredo included
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: carries any IPv4
        "3fff::/20",  # documentation
    )
)
_V4_REFUSED = tuple(
    ipaddress.ip_network(n)
    for n in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16"),
        *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        "168.63.129.16/32",  # Azure's metadata
    )
)
_PORTS = frozenset({80, 443})  # below 1024; above, any: many town halls publish on 8080, 8443…


def allowed(address: str, *, loopback: bool = False) -> bool:
    """Whether that literal IP address may be connected to.

    `loopback` lets 127.0.0.0/8 and ::1 through, and nothing else of the inside.
    """
    try:
        ip = ipaddress.ip_address(address.split("%", 1)[0])
    except ValueError:
        return False
    if loopback and ip.is_loopback:
        return True
    if isinstance(ip, ipaddress.IPv4Address):
        return not any(ip in network for network in _V4_REFUSED)
    return ip in _V6_PUBLIC and not any(ip in network for network in _V6_REFUSED)


def check_url(url: str) -> None:
    """Raises Refused when a URL is not a plain http(s) address one may follow."""
    if any(c in url for c in "\\\r\n\t") or any(ord(c) < 33 for c in url):
        raise Refused(f"adresse {url!r} avec un caractère interdit; corrigez l'adresse", about=url)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Refused(f"adresse {url!r} illisible; corrigez l'adresse", about=url) from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Refused(f"adresse {url!r} où http(s)://… est attendu; corrigez-la", about=url)
    if "@" in parts.netloc:
        raise Refused(f"adresse {url!r} avec un identifiant; retirez « …@ »", about=url)
    if port is not None and port < 1024 and port not in _PORTS:
        raise Refused(
            f"port {port} où 80, 443 ou plus de 1023 est attendu; corrigez l'adresse", about=url
        )
