"""Trust that is given away by one statement: certificates, signatures, ciphers, entities; in any language but Python,
and in JavaScript where its own checks do not look. How passwords are kept is `kept_passwords.py`'s.
"""

# ruff: noqa: E501  # One statement, one line: they are tables.

import re
from collections.abc import Iterator

from server.analysis.python.ciphers import STATIC_NONCE
from server.analysis.python.tls import OLD_TLS
from server.analysis.rule import Hit, check
from server.analysis.rules import TLS_UNVERIFIED, UNVERIFIED_TOKEN, WEAK_CIPHER, XML_ENTITIES
from server.analysis.text.file import TextFile
from server.analysis.text.statements import NOT_IN_PYTHON, Statement, hits_of


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
        Statement("verify", re.compile(r"['\"](?:verify(?:_peer)?)['\"]\s{0,4}=>\s{0,4}false"), said),
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
        "$sealed = mcrypt_encrypt(MCRYPT_DES, $key, $data, MCRYPT_MODE_ECB);\n",
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
        Statement("mcrypt_", re.compile(r"\bmcrypt_(?:en|de)crypt\("), "A broken cipher or mode"),
        Statement("openssl_", broken, "A broken cipher or mode"),
        Statement(
            "OpenSSL::Cipher",
            re.compile(
                r"OpenSSL::Cipher(?:::Cipher)?\.new\(?\s{0,4}['\"](?:des|rc4|rc2|bf|[\w-]{1,20}-ecb)\b", re.IGNORECASE
            ),
            "A broken cipher or mode",
        ),
    )


_IVS = (
    Statement(
        "openssl_encrypt",
        re.compile(r"\bopenssl_encrypt\((?:[^,;\n]{1,80},){4}\s{0,4}[\"'][^\"'\n$]{8,40}[\"']"),
        "",
    ),
    Statement(
        "CBCEncrypter",
        re.compile(
            r"\b(\w{1,20})\s{0,4}:?=\s{0,4}\[\]byte\(\"[^\"\n]{8,32}\"\)[^}]{0,600}?NewCBCEncrypter\(\w{1,20},\s{0,4}\1\b"
        ),
        "",
    ),
    Statement(
        "cipher.New",
        re.compile(
            r"\bcipher\.New(?:CBCEncrypter|CTR|CFBEncrypter|OFB)\(\w{1,20},\s{0,4}(?:\[\]byte\(\"|make\(\[\]byte)"
        ),
        "",
    ),
    Statement(
        "IvParameterSpec", re.compile(r"new IvParameterSpec\(\s{0,4}(?:\"[^\"\n]{8,40}\"\.getBytes|new byte\[)"), ""
    ),
    Statement(
        "IvParameterSpec",
        re.compile(
            r"\b(\w{1,20})\s{0,4}=\s{0,4}(?:\"[^\"\n]{8,40}\"(?:\.getBytes\([^)\n]{0,40}\))?|new byte\[\d{1,2}\]|\{[^};]{8,200}\})\s{0,4};"
            r"(?:(?!\b(?:nextBytes|SecureRandom)\b)[\s\S]){0,600}?new IvParameterSpec\(\s{0,4}\1\b"
        ),
        "",
    ),
    Statement(".iv =", re.compile(r"\b\w{1,20}\.iv\s{0,4}=\s{0,4}[\"'][^\"'\n#]{8,40}[\"']"), ""),
)


@check(
    STATIC_NONCE,
    on=(TextFile,),
    bad=(
        "$sealed = openssl_encrypt($text, 'aes-256-cbc', $key, 0, '1234567890123456');\n",
        'iv := []byte("1234567890123456")\nmode := cipher.NewCBCEncrypter(block, iv)\n',
        'IvParameterSpec iv = new IvParameterSpec("1234567890123456".getBytes());\n',
        "byte[] iv = new byte[16];\nIvParameterSpec spec = new IvParameterSpec(iv);\n",
        "cipher.iv = '1234567890123456'\n",
    ),
    good=(
        "$iv = random_bytes(16);\n$sealed = openssl_encrypt($text, 'aes-256-cbc', $key, 0, $iv);\n",
        "iv := make([]byte, 16)\nrand.Read(iv)\nmode := cipher.NewCBCEncrypter(block, iv)\n",
        "byte[] iv = new byte[16];\nrandom.nextBytes(iv);\nIvParameterSpec spec = new IvParameterSpec(iv);\n",
        "cipher.iv = cipher.random_iv\n",
    ),
)
def static_nonce(file: TextFile, _: TextFile) -> Iterator[Hit]:
    said = "Every message is encrypted with the same initialization vector"
    yield from (Hit(hit.span, said) for hit in hits_of(file, *_IVS))


@check(
    UNVERIFIED_TOKEN,
    on=(TextFile,),
    bad=(
        "token, _, err := parser.ParseUnverified(raw, &claims)\n",
        "return jwt.UnsafeAllowNoneSignatureType, nil\n",
        "t, err := jwt.Parse(raw, key, jwt.WithoutClaimsValidation())\n",
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
        Statement(
            "WithoutClaimsValidation",
            re.compile(r"\bjwt\.WithoutClaimsValidation\(\)"),
            "Tokens that have run out are accepted",
        ),
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
        not_in=NOT_IN_PYTHON,
    )


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
        not_in=NOT_IN_PYTHON,
    )


CHECKS = (entities_turned_on, unverified, old_tls, weak_cipher, unverified_token, static_nonce)
