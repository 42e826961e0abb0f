"""Hashes, ciphers, keys, salts and nonces that do not protect what they are used for."""

import ast
import re
from collections.abc import Iterator

from server.analysis.parsed import called
from server.analysis.python.file import PythonFile
from server.analysis.python.literals import inside, literal_at, text_of_literal
from server.analysis.python.values import argument, is_constant, values_of
from server.analysis.rule import Hit, Kind, Rule, check
from server.analysis.rules import WEAK_CIPHER, WEAK_PASSWORD_HASH
from server.reviews.finding import Confidence, Severity

WEAK_HASH = Rule(
    "hive.weak-hash",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.MEDIUM,
    "MD5 and SHA-1 are broken: another text with the same hash can be made, and with it another token or signature.",
    328,
    ("S324", "S303"),
    in_tests=False,
    also=(327, 326, 916),
    remedy="Use SHA-256, with a key (HMAC) where others must not be able to make the hash. For a mere checksum say so: "
    "`hashlib.md5(data, usedforsecurity=False)`.",
)
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

PASSWORD = re.compile(r"passw(?:or)?d|passphrase|(?<![a-z])(?:pwd|passwd|pw|pin)(?![a-z])", re.IGNORECASE)
_SECURITY = re.compile(
    r"token|secret|(?<![a-z])sign(?!als?\b)|auth(?!or)|session|(?<![a-z])otp|reset|encrypt|(?<![a-z])crypt|api_?key|csrf"
    r"|credential|licen[sc]e|hmac|(?<![a-z])mac(?![a-z])|(?<![a-z])pin(?![a-z])|recovery|invit|ssn|card",
    re.IGNORECASE,
)
_HARMLESS = re.compile(
    r"cache|etag|checksum|gravatar|avatar|filename|fingerprint|content|chunk|blob|dedup|bucket|shard|color|file|path|url"
    r"|version|revision|tokeniz|pwned|websocket|sec_websocket|scram|realm|challenge|nonce|(?<![a-z])ha[12]|digest_auth",
    re.IGNORECASE,
)
_BROKEN = ("md4", "md5", "sha1", "sha")
_HASHES = (
    "md5",
    "sha1",
    "sha224",
    "sha256",
    "sha384",
    "sha512",
    "sha3_256",
    "sha3_512",
    "blake2b",
    "new",
    "MD5",
    "SHA1",
)


def _algorithm(call: ast.Call, file: PythonFile) -> str:
    """`md5` for any call that starts one of the fast hashes; "" for all others."""
    name = file.dotted(call.func)
    if name == "hashlib.new":
        return (text_of_literal(argument(call, 0, "name")) or "").lower()
    if name == "cryptography.hazmat.primitives.hashes.MD5":
        return "md5"
    made = re.fullmatch(r"hashlib\.(\w+)|Crypto(?:dome)?\.Hash\.(\w+)\.new|(?:md5|sha)\.(new)", name)
    if made is None:
        return ""
    algorithm = (made[1] or made[2] or name.partition(".")[0]).lower()
    return "" if algorithm in ("pbkdf2_hmac", "scrypt", "file_digest", "hmac", "cmac") else algorithm


def _says_no_security(call: ast.Call) -> bool:
    return any(k.arg == "usedforsecurity" and is_constant(k.value, False) for k in call.keywords)


def _hashed_names(call: ast.Call) -> str:
    """The names and fields from which the hashed text comes."""
    words: list[str] = []
    for given in call.args:
        for node in ast.walk(given):
            if isinstance(node, ast.Name):
                words.append(node.id)
            elif isinstance(node, ast.Attribute):
                words.append(node.attr)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
                words.append(node.value)
    return " ".join(words)


def _place(call: ast.Call, file: PythonFile) -> str:
    """What the hash is given to, and the function that makes it."""
    words: list[str] = []
    for ancestor in file.ancestors(call):
        if isinstance(ancestor, ast.Assign):
            words += (file.text(target) for target in ancestor.targets)
        elif isinstance(ancestor, ast.keyword) and ancestor.arg:
            words.append(ancestor.arg)
        elif isinstance(ancestor, ast.Call):
            words.append(file.dotted(ancestor.func))
        elif isinstance(ancestor, (ast.FunctionDef, ast.AsyncFunctionDef)):
            words.append(ancestor.name)
            break
    return " ".join(words)


def _later_updates(call: ast.Call, file: PythonFile) -> str:
    """What `h = hashlib.md5()` is fed with further down: `h.update(password)`."""
    parent, function = file.parents.get(call), file.function_of(call)
    if (
        (call.args and file.dotted(call.func) != "hashlib.new")
        or not isinstance(parent, ast.Assign)
        or function is None
    ):
        return ""
    names = {target.id for target in parent.targets if isinstance(target, ast.Name)}
    words: list[str] = []
    for name in names:
        for use in file.uses(name, function):
            member = file.parents.get(use)
            update = file.parents.get(member) if isinstance(member, ast.Attribute) and member.attr == "update" else None
            if isinstance(update, ast.Call):
                words.append(_hashed_names(update))
    return " ".join(words)


@check(
    WEAK_PASSWORD_HASH,
    on=called(*_HASHES),
    bad=(
        "import hashlib\ndef f(password):\n    return hashlib.md5(password.encode()).hexdigest()\n",
        "from hashlib import sha256\ndef f(user, pwd):\n    return sha256(pwd.encode()).hexdigest() == user.hash\n",
        "import hashlib\ndef f(password, salt):\n    return hashlib.new('sha1', salt + password).digest()\n",
        "import hashlib\ndef hash_password(text):\n    return hashlib.sha1(text.encode()).hexdigest()\n",
        "import hashlib\ndef f(password):\n    h = hashlib.md5()\n"
        "    h.update(password.encode())\n    return h.hexdigest()\n",
        "import hashlib\nfrom flask import request\ndef f():\n"
        "    return hashlib.md5(request.form['password'].encode()).hexdigest()\n",
        "from Crypto.Hash import MD5\ndef f(password):\n    return MD5.new(password).hexdigest()\n",
    ),
    good=(
        "import hashlib\ndef f(data):\n    return hashlib.md5(data).hexdigest()\n",
        "import hashlib\ndef f(password, salt):\n    return hashlib.pbkdf2_hmac('sha256', password, salt, 600000)\n",
        "import hashlib\ndef f(password):\n    return hashlib.sha1(password, usedforsecurity=False).hexdigest()\n",
        "import hashlib\ndef pwned(password):\n    return hashlib.sha1(password.encode()).hexdigest()\n",
        "import hashlib\ndef f(user, realm, password):\n    return hashlib.md5(f'{realm}:{password}'.encode())\n",
    ),
)
def weak_password_hash(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    algorithm = _algorithm(call, file)
    if not algorithm or _says_no_security(call):
        return
    hashed, place = f"{_hashed_names(call)} {_later_updates(call, file)}", _place(call, file)
    if _is_password(hashed, place) and not _HARMLESS.search(f"{hashed} {place}"):
        broken = algorithm in _BROKEN
        yield Hit(
            file.span(call),
            f"A password is hashed with {algorithm}",
            severity=Severity.HIGH if broken else Severity.MEDIUM,
        )


def _is_password(hashed: str, place: str) -> bool:
    return bool(PASSWORD.search(hashed) or PASSWORD.search(place))


@check(
    WEAK_HASH,
    on=called(*_HASHES),
    bad=(
        "import hashlib\ndef f(user):\n    token = hashlib.md5(user.encode()).hexdigest()\n    return token\n",
        "import hashlib\ndef sign(data):\n    return hashlib.sha1(KEY + data).hexdigest()\n",
        "import hashlib\nfrom flask import request\ndef f():\n"
        "    return hashlib.md5(request.args['text'].encode()).hexdigest()\n",
        "import hashlib\ndef f(email, secret):\n    return hashlib.md5((email + secret).encode()).hexdigest()\n",
    ),
    good=(
        "import hashlib\ndef f(data):\n    return hashlib.md5(data).hexdigest()\n",
        "import hashlib\ndef f(token):\n    cache_key = hashlib.md5(token).hexdigest()\n    return cache_key\n",
        "import hashlib\ndef f(token):\n    return hashlib.sha256(token).hexdigest()\n",
        "import hashlib\ndef etag(session):\n    return hashlib.sha1(session.body).hexdigest()\n",
    ),
)
def weak_hash(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    algorithm = _algorithm(call, file)
    if algorithm not in _BROKEN or _says_no_security(call):
        return
    hashed, place = f"{_hashed_names(call)} {_later_updates(call, file)}", _place(call, file)
    around = f"{hashed} {place}"
    serious = _SECURITY.search(around) or _MAKES_HASHES.search(place) or _is_web(file)
    if serious and not _is_password(hashed, place) and not _HARMLESS.search(around):
        yield Hit(file.span(call), f"{algorithm} protects what must not be forged")


_MAKES_HASHES = re.compile(r"(?:^|_| )(?:make|create|get|compute)?_?hash(?:_|$| )")


def _is_web(file: PythonFile) -> bool:
    """What an application hashes mostly has to do with who somebody is."""
    web = {"flask", "django", "fastapi", "bottle", "tornado", "starlette", "sanic", "quart", "aiohttp"}
    return any(module.partition(".")[0] in web for module in file.imports.values())


_WEAK_METHODS = re.compile(r"^(?:plain|md5|sha1|sha224|sha256|sha512|pbkdf2:(?:md5|sha1)|pbkdf2:\w+:\d{1,4})$")
_WEAK_SCHEMES = re.compile(
    r"^passlib\.hash\.(?:md5_crypt|plaintext|hex_md5|hex_sha1|hex_sha256|sha1_crypt|des_crypt|ldap_md5|mysql323|lmhash|nthash)\."
)


@check(
    WEAK_PASSWORD_HASH,
    on=called(
        "generate_password_hash",
        "pbkdf2_hmac",
        "PBKDF2",
        "PBKDF2HMAC",
        "gensalt",
        "hash",
        "encrypt",
        "CryptContext",
        "crypt",
    ),
    bad=(
        "from werkzeug.security import generate_password_hash\ngenerate_password_hash(p, method='md5')\n",
        "import hashlib\nhashlib.pbkdf2_hmac('sha256', password, salt, 1000)\n",
        "import bcrypt\nbcrypt.gensalt(4)\n",
        "import crypt\ncrypt.crypt(password, 'ab')\n",
        "user.password = hash(password)\n",
        "from passlib.hash import md5_crypt\nmd5_crypt.hash(p)\n",
        "from passlib.context import CryptContext\nCryptContext(schemes=['md5_crypt'])\n",
    ),
    good=(
        "from werkzeug.security import generate_password_hash\ngenerate_password_hash(p, method='scrypt')\n",
        "from werkzeug.security import generate_password_hash\ngenerate_password_hash(p)\n",
        "import hashlib\nhashlib.pbkdf2_hmac('sha256', password, salt, 600_000)\n",
        "import bcrypt\nbcrypt.gensalt(12)\n",
        "from passlib.context import CryptContext\nCryptContext(schemes=['bcrypt', 'md5_crypt'], deprecated='auto')\n",
    ),
)
def weak_password_method(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    """Libraries made for passwords, told to use little work."""
    name = file.dotted(call.func)
    last = name.rpartition(".")[2]
    problem = ""
    if last == "generate_password_hash":
        method = text_of_literal(argument(call, 1, "method"))
        problem = f"method {method!r}" if method and _WEAK_METHODS.match(method) else ""
    elif last in ("pbkdf2_hmac", "PBKDF2", "PBKDF2HMAC") and re.match(r"hashlib|Crypto|cryptography", name):
        rounds = argument(call, 3, "iterations" if last == "pbkdf2_hmac" or last == "PBKDF2HMAC" else "count")
        few = isinstance(rounds, ast.Constant) and isinstance(rounds.value, int) and rounds.value < 10_000
        problem = "few rounds" if few else ""
    elif name == "crypt.crypt":
        problem = "crypt()"
    elif name == "hash" and call.args and PASSWORD.search(_hashed_names(call)):
        problem = "hash(), which is for dictionaries"
    elif name == "bcrypt.gensalt":
        cost = argument(call, 0, "rounds")
        few = isinstance(cost, ast.Constant) and isinstance(cost.value, int) and cost.value < 10
        problem = "a cost below 10" if few else ""
    elif last == "CryptContext":
        schemes = argument(call, 0, "schemes")
        first = schemes.elts[0] if isinstance(schemes, ast.List) and schemes.elts else None
        scheme = text_of_literal(first) or ""
        problem = scheme if _WEAK_SCHEMES.match(f"passlib.hash.{scheme}.") else ""
    elif _WEAK_SCHEMES.match(name + ".") or _WEAK_SCHEMES.match(name):
        problem = name.split(".")[2]
    if problem:
        yield Hit(file.span(call), f"Passwords are hashed with {problem}")


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
    r"(?:^|_)(?:hash|encode|store|protect|hide|mask|secure)_(?:password|passwd|pwd|pass|secret)$"
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
        "import base64\ndef encode_password(p):\n    return base64.b64encode(p.encode()).decode()\n",
    ),
    good=(
        "import base64\nfrom cryptography.fernet import Fernet\n"
        "def encrypt(text):\n    return base64.b64encode(Fernet(KEY).encrypt(text))\n",
        "def xor(a, b):\n    return a ^ b\n",
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
    if name not in _ENCODES or not isinstance(statement, ast.Assign) or not PASSWORD.search(_hashed_names(call)):
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


CHECKS = (
    weak_password_hash,
    weak_hash,
    weak_password_method,
    weak_cipher,
    static_nonce,
    static_salt,
    own_cipher,
    encoded_password,
    small_key,
)
