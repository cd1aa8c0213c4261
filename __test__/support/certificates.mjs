// Certificates that a client must refuse, each in its own way.
import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { cache } from './local.mjs'

const { packageFolder, python } = createRequire(import.meta.url)('../../testing/packages.js')

// Node makes keys but no certificates; Python's cryptography comes with moto.
const SCRIPT = `
import datetime, ipaddress, json
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

now = datetime.datetime.now(datetime.timezone.utc)
day = datetime.timedelta(days=1)
pem = serialization.Encoding.PEM
ca_key, other_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
LOCAL = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]

def build(subject, issuer, signer, public_key, is_ca=False, names=LOCAL, begin=-day, end=30 * day):
    name = lambda text: x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])
    builder = (x509.CertificateBuilder().subject_name(name(subject)).issuer_name(name(issuer))
        .public_key(public_key).serial_number(x509.random_serial_number())
        .not_valid_before(now + begin).not_valid_after(now + end)
        .add_extension(x509.BasicConstraints(is_ca, None), True))
    if not is_ca or names is not LOCAL or subject == "self":
        builder = builder.add_extension(x509.SubjectAlternativeName(names), False)
    return builder.sign(signer, hashes.SHA256()).public_bytes(pem).decode()

leaf = lambda **more: build("leaf", "CA", ca_key, key.public_key(), **more)
print(json.dumps({
    "ca": build("CA", "CA", ca_key, ca_key.public_key(), is_ca=True),
    "key": key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode(),
    "good": leaf(),
    "expired": leaf(begin=-9 * day, end=-day),
    "notYetValid": leaf(begin=5 * day),
    "wrongHost": leaf(names=[x509.DNSName("elsewhere.example.com")]),
    "unknownCa": build("leaf", "other CA", other_key, key.public_key()),
    "selfSigned": build("self", "self", key, key.public_key(), is_ca=True),
}))
`

/** PEM: `ca`, one `key` for all, and certificates of 127.0.0.1 named by what is wrong with them. */
export async function createCertificates() {
  const folder = await packageFolder('moto', { install: true, cache })
  const env = { ...process.env, PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1' }
  const { stdout } = await promisify(execFile)(python(), ['-c', SCRIPT], { env })
  return JSON.parse(stdout)
}
