"""A time-stamping authority of our own that runs `openssl ts`."""

import datetime as dt
import subprocess
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

# `certs` is left out: with it, the response lists its certificates in an order that strict DER forbids.
_CONFIGURATION = """
[tsa]
default_tsa = tsa_here
[tsa_here]
serial = {folder}/serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


class Authority:
    """Answers requests like an authority named `name`. `root` is its root certificate in PEM."""

    def __init__(self, folder: Path, name: str, *, days: tuple[int, int] = (-1, 3650)) -> None:
        folder.mkdir(parents=True)
        self._folder = folder
        root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        root = _certificate(f"{name} root", root_key, f"{name} root", root_key, (-3000, 3650), ca=True)
        own = _certificate(name, key, f"{name} root", root_key, days, ca=False)
        self.root = root.public_bytes(serialization.Encoding.PEM)
        (folder / "root.pem").write_bytes(self.root)
        (folder / "tsa.pem").write_bytes(own.public_bytes(serialization.Encoding.PEM))
        (folder / "tsa.key").write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        (folder / "serial").write_text("01")
        (folder / "tsa.cnf").write_text(_CONFIGURATION.format(folder=folder))

    def answer(self, question: bytes) -> bytes:
        (self._folder / "question.tsq").write_bytes(question)
        command = ["openssl", "ts", "-reply", "-config", "tsa.cnf", "-section", "tsa_here"]
        command += [
            "-queryfile",
            "question.tsq",
            "-signer",
            "tsa.pem",
            "-inkey",
            "tsa.key",
            "-out",
            "answer.tsr",
        ]
        subprocess.run(command, cwd=self._folder, check=True, capture_output=True)
        return (self._folder / "answer.tsr").read_bytes()


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
    days: tuple[int, int],
    *,
    ca: bool,
) -> x509.Certificate:
    now = dt.datetime.now(dt.UTC)
    usage = {
        "digital_signature": not ca, "key_cert_sign": ca, "crl_sign": ca, "content_commitment": False,
        "key_encipherment": False, "data_encipherment": False, "key_agreement": False,
        "encipher_only": False, "decipher_only": False,
    }  # fmt: skip
    builder = (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(_named(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + dt.timedelta(days=days[0]))
        .not_valid_after(now + dt.timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
    )
    if not ca:
        stamping = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(stamping, critical=True)
    return builder.sign(issuer_key, hashes.SHA256())


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
