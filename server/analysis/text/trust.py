"""Trust that is given away by one statement: certificates, signatures, weak hashes of passwords; in any language but
Python, and in JavaScript where its own checks do not look.
"""

# ruff: noqa: E501  # One statement, one line: they are tables.

import re
from collections.abc import Iterator

from server.analysis.language import Language
from server.analysis.python.storage import PLAIN_PASSWORD
from server.analysis.python.tls import OLD_TLS
from server.analysis.rule import Hit, check
from server.analysis.rules import TLS_UNVERIFIED, UNVERIFIED_TOKEN, WEAK_CIPHER, WEAK_PASSWORD_HASH, XML_ENTITIES
from server.analysis.text.file import TextFile
from server.analysis.text.statements import Statement, hits_of

_NOT_HERE = frozenset({Language.PYTHON, Language.PROSE, Language.TEMPLATE})


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


@check(
    TLS_UNVERIFIED,
    on=(TextFile,),
    bad=(
        "public void checkServerTrusted(X509Certificate[] chain, String type) {\n}\n",
        "builder.hostnameVerifier((host, session) -> true);\n",
        "HostnameVerifier any = (host, session) -> true;\n",
        "public boolean verify(String host, SSLSession session) {\n    return true;\n}\n",
        "HttpsURLConnection.setDefaultHostnameVerifier(NoopHostnameVerifier.INSTANCE);\n",
        "handler.ServerCertificateCustomValidationCallback = (m, c, h, e) => true;\n",
        "config := &ssh.ClientConfig{HostKeyCallback: ssh.InsecureIgnoreHostKey()}\n",
        "$c = stream_context_create(['ssl' => ['verify_peer' => false]]);\n",
        "$client = new Client(['verify' => false]);\n",
        "curl_setopt_array($ch, [CURLOPT_SSL_VERIFYPEER => false]);\n",
    ),
    good=(
        "public void checkServerTrusted(X509Certificate[] chain, String type) {\n    check(chain);\n}\n",
        "builder.hostnameVerifier(verifier);\n",
        "$client = new Client(['verify' => true]);\n",
        "HostKeyCallback: ssh.FixedHostKey(key),\n",
    ),
)
def unverified(file: TextFile, _: TextFile) -> Iterator[Hit]:
    said = "No certificate is checked"
    yield from hits_of(
        file,
        Statement(
            "checkServerTrusted",
            re.compile(r"\bcheckServerTrusted\([^)]{0,200}\)[^{;]{0,100}\{\s{0,100}(?://[^\n]{0,100}\s{0,100})?\}"),
            said,
        ),
        Statement(
            "ostnameVerifier",
            re.compile(
                r"ostnameVerifier\(\s{0,8}(?:\(\s{0,4}\w+,\s{0,4}\w+\s{0,4}\)\s{0,4}->\s{0,4}true|NoopHostnameVerifier|SSLConnectionSocketFactory\.ALLOW_ALL)"
            ),
            said,
        ),
        Statement(
            "HostnameVerifier",
            re.compile(
                r"\bHostnameVerifier\s{1,4}\w{1,40}\s{0,4}=\s{0,4}\(?[^)=;]{1,60}\)?\s{0,4}->\s{0,4}(?:true|\{\s{0,20}return\s{1,4}true)"
            ),
            "Any host's certificate is accepted",
        ),
        Statement(
            "SSLSession",
            re.compile(
                r"\bboolean\s{1,4}verify\([^)]{0,80}\bSSLSession\b[^)]{0,40}\)\s{0,20}\{\s{0,40}return\s{1,4}true\s{0,4};"
            ),
            "Any host's certificate is accepted",
        ),
        Statement(
            "verify: false",
            re.compile(r"\b(?:HTTParty|Faraday|RestClient|HTTP|Excon)\b[^\n]{0,200}\bverify:\s{0,4}false"),
            said,
        ),
        Statement("InsecureIgnoreHostKey", re.compile(r"\bssh\.InsecureIgnoreHostKey\(\)"), "Any host's key is taken"),
        Statement("verify", re.compile(r"['\"](?:verify(?:_peer(?:_name)?)?)['\"]\s{0,4}=>\s{0,4}false"), said),
        Statement("CURLOPT_SSL", re.compile(r"CURLOPT_SSL_VERIFY(?:PEER|HOST)\s{0,4}=>\s{0,4}(?:false|0)"), said),
        Statement("Alamofire", re.compile(r"\bDisabledTrustEvaluator\(\)"), said),
        Statement(
            "ServerCertificateCustomValidationCallback",
            re.compile(r"ServerCertificateCustomValidationCallback\s{0,4}\+?=[^;\n]{0,120}=>\s{0,4}true"),
            said,
        ),
    )


@check(
    OLD_TLS,
    on=(TextFile,),
    bad=(
        "config := &tls.Config{MinVersion: tls.VersionTLS10}\n",
        'SSLContext.getInstance("SSLv3");\n',
        'SSLContext.getInstance("TLSv1");\n',
    ),
    good=("config := &tls.Config{MinVersion: tls.VersionTLS12}\n", 'SSLContext.getInstance("TLSv1.2");\n'),
)
def old_tls(file: TextFile, _: TextFile) -> Iterator[Hit]:
    yield from hits_of(
        file,
        Statement(
            "MinVersion",
            re.compile(r"MinVersion:\s{0,8}tls\.Version(?:SSL30|TLS10|TLS11)\b"),
            "Broken versions of TLS are allowed",
        ),
        Statement(
            "SSLContext",
            re.compile(r"SSLContext\.getInstance\(\s{0,4}\"(?:SSL|SSLv2|SSLv3|TLSv1|TLSv1\.1)\""),
            "Broken versions of TLS are used",
        ),
    )


@check(
    WEAK_CIPHER,
    on=(TextFile,),
    bad=(
        "return openssl_encrypt($data, 'des-ecb', $key);\n",
        "cipher = OpenSSL::Cipher.new('aes-128-ecb')\n",
    ),
    good=(
        "return openssl_encrypt($data, 'aes-256-gcm', $key, 0, $iv, $tag);\n",
        "cipher = OpenSSL::Cipher.new('aes-256-gcm')\n",
    ),
)
def weak_cipher(file: TextFile, _: TextFile) -> Iterator[Hit]:
    broken = re.compile(
        r"\bopenssl_(?:en|de)crypt\([^;\n]{1,200}?[\"'](?:des|rc4|rc2|bf|[\w-]{1,20}-ecb)\b", re.IGNORECASE
    )
    yield from hits_of(
        file,
        Statement("openssl_", broken, "A broken cipher or mode"),
        Statement(
            "OpenSSL::Cipher",
            re.compile(
                r"OpenSSL::Cipher(?:::Cipher)?\.new\(?\s{0,4}['\"](?:des|rc4|rc2|bf|[\w-]{1,20}-ecb)\b", re.IGNORECASE
            ),
            "A broken cipher or mode",
        ),
    )


@check(
    UNVERIFIED_TOKEN,
    on=(TextFile,),
    bad=(
        "token, _, err := parser.ParseUnverified(raw, &claims)\n",
        "return jwt.UnsafeAllowNoneSignatureType, nil\n",
        'String user = JWT.decode(token).getClaim("user").asString();\n',
        "JWTVerifier v = JWT.require(Algorithm.none()).build();\n",
        "Claims c = (Claims) Jwts.parser().setSigningKey(key).parse(token).getBody();\n",
        "$payload = json_decode(base64_decode(explode('.', $token)[1]));\n",
        "payload = JWT.decode(token, nil, false)\n",
        "const payload = JSON.parse(Buffer.from(token.split('.')[1], 'base64').toString());\nreq.user = payload;\n",
        "const user = jwt.decode(token);\nreq.user = user;\n",
    ),
    good=(
        "token, err := jwt.ParseWithClaims(raw, &claims, keyFunc)\n",
        "Claims c = Jwts.parser().setSigningKey(key).parseClaimsJws(token).getBody();\n",
        "payload = JWT.decode(token, key, true, algorithm: 'HS256')\n",
        "const user = jwt.verify(token, key);\nreq.user = user;\n",
        "const exp = jwt.decode(token).exp;\n",
        "JWTVerifier v = JWT.require(alg).build();\nDecodedJWT d = v.verify(token);\nJWT.decode(token).getClaim(1);\n",
    ),
)
def unverified_token(file: TextFile, _: TextFile) -> Iterator[Hit]:
    said = "Nobody checks the token's signature"
    text = file.source.text
    decoded = () if re.search(r"\.verify\(", text) else (
        Statement("JWT.decode", re.compile(r"\bJWT\.decode\(\s{0,4}\w{1,40}\s{0,4}\)\.get\w{3,20}\("), said),
        Statement("jwt.decode", re.compile(r"\b(?:jwt|jsonwebtoken)\.decode\([^\n;]{1,80}\)[^;]{0,10};[^;]{0,120}\b(?:req|ctx\.state|request|ctx)\.(?:user|auth|session)\w{0,10}\s{0,4}="), said),
        Statement("split('.')", re.compile(r"JSON\.parse\(\s{0,4}(?:Buffer\.from|atob)\([^\n]{0,60}\.split\(['\"]\.['\"]\)\[1\][^;]{0,120};[^;]{0,120}\b(?:req|ctx\.state|request|ctx)\.(?:user|auth|session)\w{0,10}\s{0,4}="), said),
        Statement("base64", re.compile(r"json_decode\([^\n;]{0,120}base64_?(?:url)?_?decode\([^\n;]{0,80}explode\(\s{0,4}['\"]\.['\"]"), said),
    )  # fmt: skip
    yield from hits_of(
        file,
        Statement("ParseUnverified", re.compile(r"\.ParseUnverified\("), said),
        Statement(
            "UnsafeAllowNone",
            re.compile(r"\bjwt\.UnsafeAllowNoneSignatureType\b"),
            "Tokens without a signature are accepted",
        ),
        Statement(
            "Algorithm.none",
            re.compile(r"\bJWT\.require\(\s{0,4}Algorithm\.none\(\)"),
            "Tokens without a signature are accepted",
        ),
        Statement(
            "Jwts.parser",
            re.compile(r"\bJwts\.parser(?:Builder)?\(\)[^;]{0,200}\.parse\("),
            "Tokens without a signature are accepted",
        ),
        Statement("JWT.decode", re.compile(r"\bJWT\.decode[( ][^\n,]{1,80},\s{0,4}nil\s{0,4},\s{0,4}false"), said),
        *decoded,
        not_in=_NOT_HERE,
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
        not_in=_NOT_HERE,
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
                rf"\b\w{{1,30}}(?:\.|->|\[['\"]|\[:)[pP]assword\b(?:['\"]?\])?\s{{0,4}}(?:===?|!==?)\s{{0,4}}(?:{_ASKED}|\$?(?:password|pass|pwd)\b(?!\s{{0,2}}\())"
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
        not_in=_NOT_HERE,
    )
    first = next(kept, None)
    if first is not None and not _SOMETHING_HASHES.search(file.source.text):
        yield first
        yield from kept


@check(
    XML_ENTITIES,
    on=(TextFile,),
    bad=(
        "$doc->loadXML($body, LIBXML_NOENT | LIBXML_DTDLOAD);\n",
        "libxml_disable_entity_loader(false);\n",
        "doc = Nokogiri::XML(body) { |config| config.noent.dtdload }\n",
        "p := parser.New(parser.XMLParseNoEnt)\n",
        "settings.DtdProcessing = DtdProcessing.Parse;\n",
    ),
    good=("$doc->loadXML($body);\n", "libxml_disable_entity_loader(true);\n", "doc = Nokogiri::XML(body)\n"),
)
def entities_turned_on(file: TextFile, _: TextFile) -> Iterator[Hit]:
    said = "External entities are turned on"
    yield from hits_of(
        file,
        Statement("LIBXML_NOENT", re.compile(r"\([^;\n]{0,200}\bLIBXML_NOENT\b"), said),
        Statement(
            "libxml_disable_entity_loader", re.compile(r"libxml_disable_entity_loader\(\s{0,4}false\s{0,4}\)"), said
        ),
        Statement("noent", re.compile(r"\b(?:config|cfg|c|options)\.noent\b"), said),
        Statement("NOENT", re.compile(r"ParseOptions::NOENT\b"), said),
        Statement("XMLParseNoEnt", re.compile(r"\bparser\.XMLParseNoEnt\b"), said),
        Statement("DtdProcessing", re.compile(r"\bDtdProcessing\s{0,4}=\s{0,4}DtdProcessing\.Parse\b"), said),
        not_in=_NOT_HERE,
    )


CHECKS = (
    plain_password,
    entities_turned_on,
    kept_as_it_is,
    unverified,
    old_tls,
    weak_cipher,
    unverified_token,
    weak_password_hash,
)
