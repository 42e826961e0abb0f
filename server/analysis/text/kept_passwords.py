"""How passwords are kept: as they are, or with a hash that is fast; in any language but Python, and in JavaScript where
its own checks do not look.
"""

# ruff: noqa: E501  # One statement, one line: they are tables.

import re
from collections.abc import Iterator

from server.analysis.python.storage import PLAIN_PASSWORD
from server.analysis.rule import Hit, check
from server.analysis.rules import WEAK_PASSWORD_HASH
from server.analysis.text.file import TextFile
from server.analysis.text.statements import NOT_IN_PYTHON, Statement, hits_of


@check(
    PLAIN_PASSWORD,
    on=(TextFile,),
    bad=(
        "return NoOpPasswordEncoder.getInstance();\n",
        'auth.inMemoryAuthentication().withUser("admin").password("{noop}x");\n',
    ),
    good=("return new BCryptPasswordEncoder();\n",),
)
def plain_password(file: TextFile, _: TextFile) -> Iterator[Hit]:
    yield from hits_of(
        file,
        Statement(
            "NoOpPasswordEncoder", re.compile(r"NoOpPasswordEncoder\.getInstance\(\)"), "Passwords are kept as they are"
        ),
        Statement("{noop}", re.compile(r"\"\{noop\}"), "The password is kept as it is"),
    )


_OF_PEOPLE = r"\$?[\w.>\-\[\]'\"()]{0,40}?(?:passw(?:or)?d|passphrase|\bpwd)\w{0,10}['\"\])]{0,3}"


@check(
    WEAK_PASSWORD_HASH,
    on=(TextFile,),
    bad=(
        "const hash = md5(password);\n",
        "const h = CryptoJS.SHA256(password).toString();\n",
        "const hash = sha256(password + salt);\n",
        "h := sha256.New()\nh.Write([]byte(password))\n",
        "h := md5.New()\nio.WriteString(h, password)\n",
        "return DigestUtils.md5Hex(password);\n",
        "return Hashing.sha256().hashString(password, UTF_8).toString();\n",
        'return new MessageDigestPasswordEncoder("SHA-1");\n',
        "$h = crypt($password, 'salt');\n",
        "h = OpenSSL::Digest::MD5.hexdigest(password)\n",
        "const h = await bcrypt.hash(password, 4);\n",
        "bcrypt.GenerateFromPassword([]byte(password), 4)\n",
        "password_hash($password, PASSWORD_BCRYPT, ['cost' => 4]);\n",
        "return new BCryptPasswordEncoder(4);\n",
        "crypto.pbkdf2Sync(password, salt, 1000, 64, 'sha512');\n",
        "new PBEKeySpec(password, salt, 1000, 256);\n",
        "BCrypt::Password.create(password, cost: 4)\n",
    ),
    good=(
        "const hash = md5(body);\n",
        "const h = await bcrypt.hash(password, 12);\n",
        "bcrypt.GenerateFromPassword([]byte(password), bcrypt.DefaultCost)\n",
        "crypto.pbkdf2Sync(password, salt, 600000, 64, 'sha512');\n",
        "return new BCryptPasswordEncoder();\n",
        "// const hash = md5(password);\n",
        "h := sha256.New()\nh.Write(body)\n",
    ),
)
def weak_password_hash(file: TextFile, _: TextFile) -> Iterator[Hit]:
    """What the checks of each language do not see: other libraries, and functions for passwords that are made fast."""
    fast, few = "A password is hashed with a fast hash", "The hash of passwords is made fast"
    yield from hits_of(
        file,
        Statement(
            "(",
            re.compile(
                rf"(?<![\w.$>:])(?:md5|sha1|sha256|sha512|SHA1|SHA256|MD5)\(\s{{0,4}}{_OF_PEOPLE}\s{{0,4}}[+).]",
                re.IGNORECASE,
            ),
            fast,
        ),
        Statement(
            "CryptoJS.",
            re.compile(rf"\bCryptoJS\.(?:MD5|SHA1|SHA256|SHA512|SHA3)\(\s{{0,4}}{_OF_PEOPLE}", re.IGNORECASE),
            fast,
        ),
        Statement(
            ".New()",
            re.compile(
                r"\b(\w{1,20})\s{0,4}:=\s{0,4}(?:md5|sha1|sha256|sha512)\.New\(\)[^}]{0,120}?(?:\1\.Write\(|WriteString\(\1,)[^\n]{0,30}?(?:passw|pwd)",
                re.IGNORECASE,
            ),
            fast,
        ),
        Statement(
            "DigestUtils",
            re.compile(rf"\bDigestUtils\.(?:md5|sha)\w{{0,12}}\(\s{{0,4}}{_OF_PEOPLE}", re.IGNORECASE),
            fast,
        ),
        Statement(
            "Hashing.",
            re.compile(
                rf"\bHashing\.(?:md5|sha1|sha256|sha512)\(\)\s{{0,20}}\.hash\w{{3,12}}\(\s{{0,4}}{_OF_PEOPLE}",
                re.IGNORECASE,
            ),
            fast,
        ),
        Statement(
            "PasswordEncoder(", re.compile(r"\bnew (?:MessageDigest|Standard|LdapSha|Md4)PasswordEncoder\("), fast
        ),
        Statement("crypt(", re.compile(rf"(?<![\w.>:])crypt\(\s{{0,4}}{_OF_PEOPLE}\s{{0,4}}[,)]", re.IGNORECASE), fast),
        Statement(
            "OpenSSL::Digest",
            re.compile(rf"OpenSSL::Digest(?:::|\.)\w{{2,8}}\.(?:hex)?digest\(\s{{0,4}}{_OF_PEOPLE}", re.IGNORECASE),
            fast,
        ),
        Statement(
            "crypt",
            re.compile(
                r"\b(?:bcrypt|bcryptjs)\.(?:hash|hashSync|GenerateFromPassword)\([^;\n]{0,80},\s{0,4}[1-7]\s{0,4}[,)]"
            ),
            few,
        ),
        Statement("genSalt", re.compile(r"\bgenSalt(?:Sync)?\(\s{0,4}[1-7]\s{0,4}[,)]"), few),
        Statement("'cost'", re.compile(r"password_hash\([^;\n]{1,120}['\"]cost['\"]\s{0,4}=>\s{0,4}[4-7]\b"), few),
        Statement("BCryptPasswordEncoder", re.compile(r"\bnew BCryptPasswordEncoder\(\s{0,4}[4-7]\s{0,4}[,)]"), few),
        Statement(
            "pbkdf2",
            re.compile(r"\bpbkdf2(?:Sync)?\([^,;\n]{1,80},[^,;\n]{1,60},\s{0,4}(?:[1-9]\d{0,3}|[1-4]\d{4})\s{0,4},"),
            few,
        ),
        Statement(
            "PBEKeySpec",
            re.compile(r"\bnew PBEKeySpec\([^,;\n]{1,80},[^,;\n]{1,60},\s{0,4}(?:[1-9]\d{0,3}|[1-4]\d{4})\s{0,4},"),
            few,
        ),
        Statement("BCrypt::", re.compile(r"BCrypt::Password\.create\([^\n]{1,120}\bcost:\s{0,4}[1-7]\b"), few),
        not_in=NOT_IN_PYTHON,
    )


_SOMETHING_HASHES = re.compile(
    r"bcrypt|argon|scrypt|pbkdf2|password_hash|password_verify|md5|sha1|sha256|sha512|digest|hash\w*\(|\bHash::|has_secure_password"
    r"|Encoder|encrypt|passport-local-mongoose|pre\(['\"]save",
    re.IGNORECASE,
)
_ASKED = r"(?:\$_POST\[|\$request->|request\.|req\.body|params\[|r\.FormValue\(|r\.PostFormValue\(|c\.PostForm\(|c\.FormValue\(|ctx\.request\.body)"


@check(
    PLAIN_PASSWORD,
    on=(TextFile,),
    bad=(
        "if ($row['password'] == $_POST['password']) {\n",
        'if user.Password == r.FormValue("password") {\n',
        "if (user.getPassword().equals(password)) {\n",
        "if user.password == params[:password]\n",
        "db.query('SELECT * FROM users WHERE name = ? AND password = ?', [name, password]);\n",
        'db.Exec("INSERT INTO users (name, password) VALUES (?, ?)", name, r.FormValue("password"))\n',
        "DB.execute('INSERT INTO users (name, password) VALUES (?, ?)', [params[:name], params[:password]])\n",
        "localStorage.setItem('password', password);\n",
    ),
    good=(
        "if (password_verify($_POST['password'], $row['password'])) {\n",
        "const hash = await bcrypt.hash(password, 12);\ndb.query('UPDATE users SET password = ?', [hash]);\n",
        "if (password === confirmation) {\n",
        "if (form.getPassword().isEmpty()) {\n",
        "elsif params[:password] == params[:new_password]\n",
        "if ($auth['username'] === $username && $auth['password'] === $password) {\n",
    ),
)
def kept_as_it_is(file: TextFile, _: TextFile) -> Iterator[Hit]:
    """In files in which nothing makes a hash of anything."""
    said = "Passwords are kept as they are"
    kept = hits_of(
        file,
        Statement(
            "assword",
            re.compile(
                rf"(?<![\w$])\$?(?!(?:params|request|req|form|auth|config|settings)\b)\w{{1,30}}(?:\.|->|\[['\"]|\[:)[pP]assword\b(?:['\"]?\])?\s{{0,4}}(?:===?|!==?)\s{{0,4}}(?:{_ASKED}|\$?(?:password|pass|pwd)\b(?!\s{{0,2}}\())"
            ),
            said,
        ),
        Statement(
            "assword",
            re.compile(
                rf"(?:{_ASKED}['\":.]{{0,2}}password['\")\]]{{0,2}}|\$password)\s{{0,4}}(?:===?|!==?)\s{{0,4}}\$?\w{{1,30}}(?:\.|->|\[['\"]|\[:)[pP]assword\b"
            ),
            said,
        ),
        Statement(
            "getPassword()", re.compile(r"\.getPassword\(\)\.equals\(\s{0,4}\w{0,20}(?:[pP]ass|pwd|getPassword)"), said
        ),
        Statement(
            "assword",
            re.compile(
                r"\bselect\b[^;\n]{1,200}\bwhere\b[^;\n]{1,120}\bpassword\s{0,4}=\s{0,4}(?:\?|\$\d|:\w|%s|['\"]{1,2}\s{0,4}[.+]|'\#\{|'?\$)",
                re.IGNORECASE,
            ),
            said,
        ),
        Statement(
            "assword",
            re.compile(
                rf"\binsert\s+into\s+\w{{0,20}}(?:user|account|member|customer|admin)\w{{0,10}}\b[^;\n]{{1,120}}\bpassword\b[^;]{{1,200}}?{_ASKED}['\":.]{{0,2}}password\b",
                re.IGNORECASE,
            ),
            said,
        ),
        Statement(
            "setItem", re.compile(r"\b(?:local|session)Storage\.setItem\(\s{0,4}['\"]\w{0,12}password['\"]"), said
        ),
        not_in=NOT_IN_PYTHON,
    )
    first = next(kept, None)
    if first is not None and not _SOMETHING_HASHES.search(file.source.text):
        yield first
        yield from kept


CHECKS = (plain_password, weak_password_hash, kept_as_it_is)
