const { execFile } = require('node:child_process')
const { promisify } = require('node:util')
const { packageFolder, python } = require('./packages.js')

// Node makes keys but no certificates; Python's cryptography comes with moto.
const SCRIPT = `
import datetime, ipaddress, json
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

now = datetime.datetime.now(datetime.timezone.utc)
day = datetime.timedelta(days=1)
name = lambda text: x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])
ca_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))

def build(subject, public_key, *extensions):
    builder = (x509.CertificateBuilder().subject_name(name(subject)).issuer_name(name("stateseal test CA"))
        .public_key(public_key).serial_number(x509.random_serial_number())
        .not_valid_before(now - day).not_valid_after(now + 30 * day))
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(ca_key, hashes.SHA256())

ca = build("stateseal test CA", ca_key.public_key(), (x509.BasicConstraints(True, None), True))
names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
leaf = build("localhost", key.public_key(), (x509.BasicConstraints(False, None), True), (names, False))
pem = serialization.Encoding.PEM
print(json.dumps({
    "ca": ca.public_bytes(pem).decode(),
    "cert": leaf.public_bytes(pem).decode(),
    "key": key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode(),
}))
`

/** A certificate for 127.0.0.1 and localhost, from a CA made for it: `{ ca, cert, key }` as PEM. */
async function createCertificate(options) {
  const folder = await packageFolder('moto', options)
  const env = { ...process.env, PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1' }
  const { stdout } = await promisify(execFile)(python(), ['-c', SCRIPT], { env })
  return JSON.parse(stdout)
}

module.exports = { createCertificate }
