"""What goes wrong between a host and us, in words a person can act on; and whether it is there."""

import errno
from urllib.parse import urlsplit

import aiohttp

from domain.errors import Refused, Unreachable


def unreachable(url: str, error: BaseException) -> Unreachable | Refused:
    """The same failure in words a person can act on."""
    host = urlsplit(url).hostname or url
    if isinstance(error, TimeoutError):
        return Unreachable(f"{host} n'a pas répondu à temps", about=url)
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return Unreachable(
            f"certificat de {host} refusé : {_certificate(error.certificate_error)}; prévenez son "
            "éditeur, ou acceptez-le pour un temps (option insecure_tls)",
            about=url,
        )
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return Unreachable(f"le nom {host} n'existe pas ou n'est pas joignable d'ici", about=url)
    if isinstance(error, aiohttp.ClientSSLError):
        return Unreachable(
            f"connexion sécurisée impossible avec {host} : {_handshake(error)}", about=url
        )
    if isinstance(error, aiohttp.ClientConnectorError) and _cut(error.os_error):
        return Unreachable(f"{host} coupe la connexion avant de répondre", about=url)
    if isinstance(error, aiohttp.ClientConnectorError):
        return Unreachable(f"{host} refuse la connexion ({error.os_error})", about=url)
    if isinstance(error, aiohttp.ClientPayloadError):
        return Unreachable(f"réponse de {host} coupée en route", about=url)
    if isinstance(error, aiohttp.InvalidURL | ValueError):
        return Refused(f"adresse {url!r} impossible à suivre; corrigez-la", about=url)
    return Unreachable(f"échange avec {host} impossible ({type(error).__name__})", about=url)


_CERTIFICATES = {  # OpenSSL's X509_V_ERR_* codes
    9: "pas encore valable",
    10: "expiré",
    18: "signé par lui-même",
    19: "signé par une autorité inconnue",
    20: "sans son certificat intermédiaire, ou d'une autorité inconnue",
    21: "sans son certificat intermédiaire, ou d'une autorité inconnue",
    23: "révoqué",
    62: "fait pour un autre nom",
    64: "fait pour une autre adresse",
}
_OLD_TLS = ("UNSUPPORTED_PROTOCOL", "PROTOCOL_VERSION", "VERSION_TOO_LOW", "WRONG_SSL_VERSION")


def _certificate(error: Exception) -> str:
    code = getattr(error, "verify_code", None)
    return _CERTIFICATES.get(code or 0, str(error))


def _handshake(error: aiohttp.ClientSSLError) -> str:
    reason = str(getattr(error.os_error, "reason", "") or error)
    if any(word in reason for word in _OLD_TLS):
        return "le site ne parle que des versions de TLS abandonnées (1.0 ou 1.1)"
    if "WRONG_VERSION_NUMBER" in reason or "HTTP_REQUEST" in reason:
        return "le site ne répond pas en TLS à cette adresse (http:// au lieu de https:// ?)"
    return reason.lower().replace("_", " ")


def spoke(error: BaseException) -> bool:
    """Whether an error shows that the host is there: it refused, cut, or spoke wrongly. A name
    that does not resolve, a connection that nobody takes, a network out of reach: it does not."""
    if isinstance(error, aiohttp.ClientConnectorDNSError | TimeoutError):
        return False
    if isinstance(error, aiohttp.ClientSSLError):
        return True
    if isinstance(error, OSError):  # aiohttp's connection errors are OSErrors too
        cause = getattr(error, "os_error", error)  # a cut handshake has no number
        return isinstance(cause, ConnectionError) or error.errno == errno.ECONNREFUSED
    return isinstance(error, aiohttp.ClientError)


def broken(error: BaseException) -> bool:
    """Whether the other side cut the connection: a stale one, or one lost on the way."""
    cut = isinstance(error, OSError) and error.errno in (errno.ECONNRESET, errno.EPIPE)
    return cut or isinstance(error, aiohttp.ServerDisconnectedError | ConnectionResetError)


def _cut(error: OSError) -> bool:
    """Whether the other side hung up while the connection was being made."""
    return isinstance(error, ConnectionResetError | BrokenPipeError)
