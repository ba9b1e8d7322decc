"""Certificates for tests, good and bad, made on the spot by an authority of their own."""

import datetime as dt
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Signed:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)


def authority(name: str, by: Signed | None = None) -> Signed:
    return _made(name, by, (), authority=True)


def site(names: Sequence[str], by: Signed | None, *, expired: bool = False) -> Signed:
    """A site's certificate; by itself when `by` is None."""
    return _made(names[0], by, names, ended=expired)


def server(signed: Signed, folder: Path, *chain: Signed) -> ssl.SSLContext:
    """What a server shows: its certificate and the intermediate ones."""
    file = folder / "site.pem"
    key = signed.key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file.write_bytes(key + signed.pem + b"".join(one.pem for one in chain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def _made(
    name: str,
    by: Signed | None,
    names: Sequence[str],
    *,
    authority: bool = False,
    ended: bool = False,
) -> Signed:
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    issuer = by.certificate.subject if by else who
    built = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 30 * DAY)
        .not_valid_after(now - DAY if ended else now + 30 * DAY)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if names:
        alternatives = x509.SubjectAlternativeName([x509.DNSName(one) for one in names])
        built = built.add_extension(alternatives, critical=False)
    return Signed(built.sign(by.key if by else key, hashes.SHA256()), key)
