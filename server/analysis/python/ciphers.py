"""Ciphers, keys, salts and nonces that do not protect what they are used for."""

import ast
import re
from collections.abc import Iterator

from server.analysis.parsed import called
from server.analysis.python.file import PythonFile
from server.analysis.python.hashes import PASSWORD, names_in
from server.analysis.python.literals import inside, literal_at, text_of_literal
from server.analysis.python.values import argument, values_of
from server.analysis.rule import Hit, Kind, Rule, check
from server.analysis.rules import WEAK_CIPHER
from server.reviews.finding import Confidence, Severity

STATIC_NONCE = Rule(
    "hive.static-nonce",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.HIGH,
    "With the same initialization vector twice, equal messages look equal; in GCM and CTR it gives the text away.",
    329,
    in_tests=False,
    also=(1204, 323, 327, 330),
    remedy="Draw a fresh one for every message (`os.urandom(12)`) and send it along.",
)
STATIC_SALT = Rule(
    "hive.static-salt",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.HIGH,
    "With one salt for all, equal passwords have equal hashes, and one table cracks them all.",
    760,
    in_tests=False,
    also=(759, 916, 798),
    remedy="Draw a salt for every password (`os.urandom(16)`), or leave it to bcrypt or argon2.",
)
OWN_CIPHER = Rule(
    "hive.own-cipher",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.MEDIUM,
    "Encoding is not encryption, and xor with a repeated key is undone in minutes: everyone can read what this hides.",
    327,
    in_tests=False,
    also=(261, 312, 656, 326),
    remedy="Use Fernet or AES-GCM of the cryptography package; for passwords a password hash.",
)
SMALL_KEY = Rule(
    "hive.small-key",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.HIGH,
    "The key is short enough to be broken.",
    326,
    ("S505",),
    in_tests=False,
    also=(327,),
    remedy="RSA from 2048 bits, elliptic curves from 256.",
)

_WEAK_ALGORITHM = re.compile(
    r"^Crypto(?:dome)?\.Cipher\.(?:DES3?|ARC[24]|Blowfish|CAST|XOR)\.new$"
    r"|^cryptography\..*\balgorithms\.(?:ARC4|Blowfish|TripleDES|IDEA|CAST5|SEED|RC2)$|^pyDes\.(?:des|triple_des)$"
    r"|^cryptography\..*\bmodes\.ECB$"
)


@check(
    WEAK_CIPHER,
    on=called(
        "new", "Cipher", "ECB", "ARC4", "Blowfish", "TripleDES", "IDEA", "CAST5", "SEED", "RC2", "des", "triple_des"
    ),
    bad=(
        "from Crypto.Cipher import AES\nAES.new(key, AES.MODE_ECB)\n",
        "from Crypto.Cipher import AES\nAES.new(key, mode=AES.MODE_ECB)\n",
        "from Crypto.Cipher import DES\nDES.new(key, DES.MODE_CBC, iv)\n",
        "from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes\n"
        "Cipher(algorithms.AES(key), modes.ECB())\n",
        "from cryptography.hazmat.primitives.ciphers import Cipher, algorithms\nCipher(algorithms.ARC4(key), None)\n",
        "import pyDes\npyDes.des(key)\n",
    ),
    good=(
        "from Crypto.Cipher import AES\nAES.new(key, AES.MODE_GCM)\n",
        "from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes\n"
        "Cipher(algorithms.AES(key), modes.GCM(iv))\n",
    ),
)
def weak_cipher(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    name = file.dotted(call.func)
    modes = (*call.args[1:], *(keyword.value for keyword in call.keywords))
    ecb = name.startswith("Crypto") and any("MODE_ECB" in file.dotted(mode) for mode in modes)
    if ecb or _WEAK_ALGORITHM.match(name):
        yield Hit(file.span(call), "A broken cipher or mode")


_IV_PLACES = {"CBC": 0, "CTR": 0, "GCM": 0, "OFB": 0, "CFB": 0}


@check(
    STATIC_NONCE,
    on=called("new", "CBC", "CTR", "GCM", "OFB", "CFB", "encrypt", "ChaCha20"),
    bad=(
        "from Crypto.Cipher import AES\nAES.new(key, AES.MODE_CBC, b'0000000000000000')\n",
        "from Crypto.Cipher import AES\nIV = b'\\x00' * 16\nAES.new(key, AES.MODE_CBC, IV)\n",
        "from Crypto.Cipher import AES\nAES.new(key, AES.MODE_CBC, iv=key[:16])\n",
        "from Crypto.Cipher import AES\nclass A:\n    def __init__(self):\n        self.iv = b'0123456789abcdef'\n"
        "    def f(self):\n        return AES.new(self.key, AES.MODE_CBC, self.iv)\n",
        "from cryptography.hazmat.primitives.ciphers import modes\nmodes.CBC(b'sixteen byte iv!')\n",
        "from cryptography.hazmat.primitives.ciphers.aead import AESGCM\n"
        "AESGCM(key).encrypt(b'twelve bytes', data, None)\n",
    ),
    good=(
        "from Crypto.Cipher import AES\nimport os\nAES.new(key, AES.MODE_CBC, os.urandom(16))\n",
        "from Crypto.Cipher import AES\nAES.new(key, AES.MODE_CBC, data[:16])\n",
        "from cryptography.hazmat.primitives.ciphers import modes\nmodes.CBC(iv)\n",
        "from cryptography.fernet import Fernet\nFernet(key).encrypt(b'twelve bytes')\n",
    ),
)
def static_nonce(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    nonce, key = _nonce(call, file), call.args[0] if call.args else None
    if nonce is None:
        return
    stored = literal_at(nonce, file)
    for value in (stored,) if stored is not None else values_of(nonce, file):
        if _is_fixed(value) or (key is not None and call.args[1:] and _is_part_of(value, key)):
            yield Hit(file.span(nonce), "The initialization vector is always the same")
            return


@check(
    STATIC_NONCE,
    on=(ast.Assign,),
    bad=("AES_IV = b'\\x00' * 16\n", "IV = b'0123456789abcdef'\n"),
    good=(
        "IV = os.urandom(16)\n",
        "IV = b''\n",
        "iv = b'0123456789abcdef'\n",
        "from Crypto.Cipher import AES\nIV = b'0123456789abcdef'\n",
    ),
)
def nonce_of_all(node: ast.Assign, file: PythonFile) -> Iterator[Hit]:
    """A constant of a module of settings; where the cipher is at hand, its use is told of."""
    target = node.targets[0]
    if not isinstance(target, ast.Name) or not re.search(r"(?:^|_)(?:IV|NONCE|INIT_?VECTOR)$", target.id):
        return
    literal = text_of_literal(node.value)
    is_used_here = any("Cipher" in name or name.startswith("cryptography") for name in file.imports.values())
    if not is_used_here and _is_fixed(node.value) and (literal is None or len(literal) in (8, 12, 16, 24, 32)):
        yield Hit(file.span(node), "The initialization vector is always the same")


def _nonce(call: ast.Call, file: PythonFile) -> ast.expr | None:
    name = file.dotted(call.func)
    last = call.func.attr if isinstance(call.func, ast.Attribute) else name
    if re.match(r"Crypto(?:dome)?\.Cipher\.\w+\.new$", name):
        return argument(call, 2, "iv") or argument(call, 2, "nonce") or argument(call, 2, "IV")
    if name.startswith("cryptography.") and last in _IV_PLACES:
        return argument(call, 0, "initialization_vector")
    if last == "encrypt" and isinstance(call.func, ast.Attribute) and len(call.args) == 3:
        made = next(iter(values_of(call.func.value, file)), None)
        of = file.dotted(made.func) if isinstance(made, ast.Call) else ""
        return call.args[0] if of.rpartition(".")[2] in ("AESGCM", "ChaCha20Poly1305", "AESCCM") else None
    return None


def _is_fixed(node: ast.AST) -> bool:
    """A literal, or one repeated: `b"0" * 16`, `bytes(16)`."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return any(text_of_literal(side) is not None for side in (node.left, node.right))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("bytes", "bytearray"):
        return bool(node.args) and isinstance(node.args[0], ast.Constant)
    return text_of_literal(node) is not None


def _is_part_of(node: ast.AST, key: ast.expr) -> bool:
    part = node.value if isinstance(node, ast.Subscript) else node
    return isinstance(part, ast.Name) and isinstance(key, ast.Name) and part.id == key.id


@check(
    STATIC_SALT,
    on=called("pbkdf2_hmac", "scrypt", "PBKDF2", "PBKDF2HMAC", "Scrypt", "HKDF", "hashpw", "make_password", "bcrypt"),
    bad=(
        "import hashlib\nhashlib.pbkdf2_hmac('sha256', password, b'salt', 600000)\n",
        "import hashlib\nSALT = 'pepper'\nhashlib.pbkdf2_hmac('sha256', password, SALT.encode(), 600000)\n",
        "from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC\n"
        "PBKDF2HMAC(algorithm=a, length=32, salt=b'static', iterations=600000)\n",
        "from django.contrib.auth.hashers import make_password\nmake_password(password, salt='abc')\n",
    ),
    good=(
        "import hashlib\nhashlib.pbkdf2_hmac('sha256', password, os.urandom(16), 600000)\n",
        "import hashlib\nhashlib.pbkdf2_hmac('sha256', password, user.salt, 600000)\n",
        "from django.contrib.auth.hashers import make_password\nmake_password(password)\n",
    ),
)
def static_salt(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    name = file.dotted(call.func)
    if not name.startswith(("hashlib.", "Crypto", "cryptography.", "bcrypt.", "django.")):
        return
    place = {"pbkdf2_hmac": 2, "PBKDF2": 1, "make_password": 1, "hashpw": 1}.get(name.rpartition(".")[2], 99)
    given = argument(call, place, "salt")
    if isinstance(given, ast.Call) and isinstance(given.func, ast.Attribute) and given.func.attr == "encode":
        given = given.func.value
    literal = literal_at(given, file)
    if literal is not None and literal.value:
        yield Hit(inside(literal, file) if literal is given else file.span(call), "The salt is the same for all")


_ENCRYPTS = re.compile(
    r"(?:^|_)(?:hash|encode|store|protect|hide|mask|secure|make|create|save)_(?:password|passwd|pwd|pass|secret)$"
    r"|(?:^|_)(?:encrypt|decrypt|encipher|decipher|cipher|obfuscate)|(?:^|_)xor_(?:en|de|ci)",
    re.IGNORECASE,
)
_REAL_CIPHER = re.compile(
    r"Cipher|Fernet|AES|RSA|GCM|nacl|SecretBox|\bgpg\b|kms|encryptor|ssl|public_key|crypt\w*\(", re.I
)
_ENCODES = frozenset(
    {"base64.b64encode", "base64.urlsafe_b64encode", "base64.b32encode", "base64.b16encode", "codecs.encode"}
)


@check(
    OWN_CIPHER,
    on=(ast.FunctionDef,),
    bad=(
        "import base64\ndef encrypt(text):\n    return base64.b64encode(text.encode()).decode()\n",
        "def encrypt(text, key):\n    return ''.join(chr(ord(a) ^ ord(b)) for a, b in zip(text, key))\n",
        "def xor_cipher(data, key):\n    return bytes(b ^ key[i % len(key)] for i, b in enumerate(data))\n",
        "import base64\ndef encrypt_password(password):\n    return base64.b64encode(password)\n",
        "import base64\ndef make_password(raw):\n    return base64.b64encode(raw)\n",
        "import base64\ndef encode_password(p):\n    return base64.b64encode(p.encode()).decode()\n",
    ),
    good=(
        "import base64\nfrom cryptography.fernet import Fernet\n"
        "def encrypt(text):\n    return base64.b64encode(Fernet(KEY).encrypt(text))\n",
        "def xor(a, b):\n    return a ^ b\n",
        "import base64, os\ndef create_password():\n    return base64.b64encode(os.urandom(12))\n",
        "import base64\ndef encode(text):\n    return base64.b64encode(text)\n",
        "import base64\ndef encrypt(text):\n    return base64.b64encode(box.seal(text))\n",
    ),
)
def own_cipher(node: ast.FunctionDef, file: PythonFile) -> Iterator[Hit]:
    """`encrypt()` in which nothing encrypts."""
    if not _ENCRYPTS.search(node.name):
        return
    body = [n for statement in node.body for n in ast.walk(statement)]
    calls = [n for n in body if isinstance(n, ast.Call)]
    if any(_REAL_CIPHER.search(ast.unparse(n.func) + "(") for n in calls):
        return
    encoded = [n for n in calls if file.dotted(n.func) in _ENCODES]
    xors = [n for n in body if isinstance(n, ast.BinOp) and isinstance(n.op, ast.BitXor)]
    looped = any(isinstance(n, (ast.For, ast.GeneratorExp, ast.ListComp)) for n in body)
    if encoded and not node.name.lower().startswith("decrypt") and _only_changes_type(encoded[0]):
        yield Hit(file.span(encoded[0]), f"{node.name}() only encodes")
    elif xors and looped:
        yield Hit(file.span(xors[0]), f"{node.name}() is a cipher of its own")


def _only_changes_type(call: ast.Call) -> bool:
    """The encoded text is a value as it came, not what another function made of it."""
    given = call.args[0] if call.args else None
    while isinstance(given, ast.Call):
        if isinstance(given.func, ast.Attribute) and given.func.attr in ("encode", "dumps"):
            given = given.args[0] if given.func.attr == "dumps" and given.args else given.func.value
        elif isinstance(given.func, ast.Name) and given.func.id in ("str", "bytes") and given.args:
            given = given.args[0]
        else:
            return False
    return isinstance(given, (ast.Name, ast.Attribute, ast.JoinedStr, ast.BinOp))


@check(
    OWN_CIPHER,
    on=called("b64encode", "encode", "b64decode"),
    bad=(
        "import base64\ndef save(user, password):\n    user.password = base64.b64encode(password.encode())\n",
        "import base64\ndef save(password):\n    encrypted = base64.b64encode(password)\n    return encrypted\n",
        "import codecs\ndef hide(secret):\n    return codecs.encode(secret, 'rot13')\n",
    ),
    good=(
        "import base64\ndef header(user, password):\n    return base64.b64encode(f'{user}:{password}'.encode())\n",
        "import base64\ndef f(data):\n    encoded = base64.b64encode(data)\n    return encoded\n",
        "import base64\ndef f(user, password):\n    auth = base64.b64encode(password.encode())\n    return auth\n",
    ),
)
def encoded_password(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    name = file.dotted(call.func)
    if name == "codecs.encode" and re.fullmatch("rot_?13", text_of_literal(argument(call, 1, "encoding")) or ""):
        yield Hit(file.span(call), "rot13 hides nothing")
    statement = next((a for a in file.ancestors(call) if isinstance(a, ast.stmt)), None)
    if name not in _ENCODES or not isinstance(statement, ast.Assign) or not PASSWORD.search(names_in(call)):
        return
    target = file.text(statement.targets[0])
    if re.search(r"encrypt|passw|hash|cipher|stored|protected", target, re.IGNORECASE):
        yield Hit(file.span(call), "The password is only encoded")


@check(
    SMALL_KEY,
    on=called("newkeys", "generate", "generate_key"),
    bad=("import rsa\nrsa.newkeys(512)\n",),
    good=("import rsa\nrsa.newkeys(2048)\n", "import other\nother.newkeys(512)\n"),
)
def small_key(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    """Of the `rsa` package: the others are ruff's."""
    size = argument(call, 0, "nbits")
    bits = size.value if isinstance(size, ast.Constant) else None
    if file.dotted(call.func) == "rsa.newkeys" and isinstance(bits, int) and bits < 2048:
        yield Hit(file.span(call), f"An RSA key of {bits} bits")


CHECKS = (weak_cipher, static_nonce, nonce_of_all, static_salt, own_cipher, encoded_password, small_key)
