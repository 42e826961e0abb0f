"""Calls, addresses and settings that take a secret by its place, in any language: a table of patterns."""

# ruff: noqa: E501  # One pattern, one line.

import re
from typing import NamedTuple


class Taker(NamedTuple):
    """A call that takes a secret: *hint* stands in every one of them."""

    hint: str
    pattern: re.Pattern[str]


def _takes(pattern: str) -> re.Pattern[str]:
    """VALUE in *pattern* is a literal."""
    return re.compile(pattern.replace("VALUE", r"(?P<quote>[\"'`])(?P<value>[^\"'`\\\n]{2,200})(?P=quote)"))


_ANY = r"[^,;()\n]{1,120}"
_OBJECT = r"(?:\{[^{}]{0,400}\}|[^,;{}()\n]{1,120}(?:\([^()\n]{0,80}\))?)"

_OR = r"(?:process\.env\.\w{1,60}!?\s*(?:\|\||\?\?)\s*)?"
"""Where nothing else is given, what stands in the code holds."""

KEY_TAKERS: tuple[Taker, ...] = (
    Taker("jwt", _takes(rf"\b(?:jwt|jsonwebtoken|JWT)\.(?:sign|verify)\(\s*{_OBJECT}\s*,\s*{_OR}VALUE")),
    Taker("JWT", _takes(rf"\bJWT(?:::|\.)(?:encode|decode)[( ]\s*{_OBJECT}\s*,\s*VALUE")),
    Taker("createHmac", _takes(r"\bcreateHmac\(\s*['\"`]\w+['\"`]\s*,\s*VALUE")),
    Taker("ipheriv", _takes(r"\bcreate(?:Ci|Deci)pheriv\(\s*['\"`][\w-]+['\"`]\s*,\s*(?:Buffer\.from\(\s*)?VALUE")),
    Taker("CryptoJS", _takes(rf"\bCryptoJS\.\w+\.(?:en|de)crypt\(\s*{_OBJECT}\s*,\s*VALUE")),
    Taker("session(", _takes(r"\bsession\(\s*\{[^{}]{0,200}?\bsecret\s*:\s*VALUE")),
    *(
        Taker(hint, _takes(r"\b(?:[A-Z]{1,20}_)?(?:KEY|[kK]ey)\s*(?::=|=)\s*(?:\[\]byte\()?VALUE"))
        for hint in ("SecretKeySpec", "createCipheriv", "aes.NewCipher", "openssl_encrypt")
    ),
    Taker("cookieParser", _takes(r"\bcookieParser\(\s*VALUE")),
    Taker("NewCookieStore", _takes(r"\bNewCookieStore\(\s*\[\]byte\(VALUE")),
    Taker("SignedString", _takes(r"\bSignedString\(\s*\[\]byte\(VALUE")),
    Taker("jwt.Parse", _takes(r"\bjwt\.Parse(?:WithClaims)?\([^;]{1,400}?\breturn\s+\[\]byte\(VALUE\)\s*,")),
    Taker("TextEncoder", _takes(r"(?i)(?:key|secret)\w{0,20}\s*=\s*new TextEncoder\(\)\.encode\(\s*VALUE")),
    Taker("hmac.New", _takes(r"\bhmac\.New\(\s*[\w.]+\s*,\s*\[\]byte\(VALUE")),
    Taker("SecretKeySpec", _takes(r"\bnew SecretKeySpec\(\s*VALUE")),
    Taker("hmacShaKeyFor", _takes(r"\bhmacShaKeyFor\(\s*VALUE")),
    Taker("signWith", _takes(r"\bsignWith\(\s*SignatureAlgorithm\.\w+\s*,\s*VALUE")),
    Taker("setSigningKey", _takes(r"\bsetSigningKey\(\s*VALUE")),
    Taker("Algorithm.HMAC", _takes(r"\bAlgorithm\.HMAC\d+\(\s*VALUE")),
    Taker("secretOrKey", _takes(r"\bsecretOrKey\s*:\s*VALUE")),
    Taker("session_secret", _takes(r"\bset\s+:session_secret\s*,\s*VALUE")),
    Taker("openssl_", _takes(rf"\bopenssl_(?:en|de)crypt\(\s*{_ANY},\s*{_ANY},\s*VALUE")),
    Taker("NewCipher", _takes(r"\b(?:aes|des|rc4|blowfish)\.New(?:TripleDES)?Cipher\(\s*\[\]byte\(VALUE")),
    Taker("hash_hmac", _takes(rf"\bhash_hmac\(\s*{_ANY},\s*{_ANY},\s*VALUE")),
)
PASSWORD_TAKERS: tuple[Taker, ...] = (
    Taker("getConnection", _takes(rf"\bgetConnection\(\s*{_ANY},\s*[\"']\w+[\"']\s*,\s*VALUE")),
    Taker("mysqli", _takes(rf"\b(?:mysqli_connect|new mysqli|mysqli)\(\s*{_ANY},\s*[\"']\w+[\"']\s*,\s*VALUE")),
    Taker("ldap_bind", _takes(rf"\bldap_bind\(\s*{_ANY},\s*[\"'][^\"'\n]{{1,120}}[\"']\s*,\s*VALUE")),
    Taker("bcrypt(", _takes(r"['\"]?\bpassword['\"]?\s{0,4}(?:=>|=)\s{0,4}bcrypt\(\s{0,4}VALUE")),
    Taker("new PDO", _takes(rf"\bnew PDO\(\s*(?:[\"'][^\"'\n]{{1,160}}[\"']|{_ANY})\s*,\s*[\"']\w+[\"']\s*,\s*VALUE")),
    Taker("@tcp(", re.compile(r"[\"'`]\w{1,60}:(?P<value>[^:@\"'`\s]{2,100})@tcp\(")),
    Taker("new Sequelize", _takes(r"\bnew Sequelize\(\s*['\"`][\w-]+['\"`]\s*,\s*['\"`][\w-]+['\"`]\s*,\s*VALUE")),
    Taker("ashSync", _takes(r"\bhashSync\(\s*VALUE")),
    Taker("bcrypt.hash", _takes(r"\bbcrypt\.hash\(\s*VALUE")),
    Taker("sshpass", re.compile(r"\bsshpass -p ?['\"]?(?P<value>[^\s'\"$]{2,80})")),
    Taker(
        "mysql", re.compile(r"\bmysql(?:dump|admin)? [^\n|;]{0,80}?(?:-p|--password=)(?P<value>[^\s'\"$`<\[]{3,80})")
    ),
    Taker("curl", re.compile(r"\bcurl [^\n|;]{0,120}?(?:-u|--user) ?['\"]?[\w.-]+:(?P<value>[^\s'\"$<{]{3,80})")),
    Taker("PGPASSWORD", re.compile(r"\bPGPASSWORD=(?P<value>[^\s'\"$]{2,80}) ")),
    Taker("jdbc:", re.compile(r"[\"']jdbc:[^\"'\s]{5,200}?[?&;](?:password|pwd)=(?P<value>[^\"'\s;&$}]{2,80})")),
    Taker(
        "assword=",
        re.compile(
            r"[\"'`](?=[^\"'`\n]{0,200}\b(?:host|dbname|server|data source|database)\s?=)[^\"'`\n]{0,160}?\bpassword\s?=\s?(?P<value>[^\s;'\"`&$%{<]{3,80})"
        ),
    ),
    Taker("assword", _takes(r"\bset(?:Property)?\(\s*[\"'][\w.]{0,60}password[\"']\s*,\s*VALUE")),
    Taker(
        "setPassword",
        _takes(r"\b(?:[dD]ata[sS]ource|ds|session|factory|config|props|sender|mailSender)\.setPassword\(\s*VALUE"),
    ),
    Taker("CURLOPT_USERPWD", re.compile(r"CURLOPT_USERPWD\s*(?:,|=>)\s*[\"'][\w.@-]{1,60}:(?P<value>[^\"'\s$]{2,80})")),
    Taker("PlainAuth", _takes(rf"\bPlainAuth\(\s*{_ANY},\s*{_ANY},\s*VALUE")),
    Taker("SetBasicAuth", _takes(rf"\bSetBasicAuth\(\s*{_ANY},\s*VALUE")),
    Taker("Options{", _takes(r"\bOptions\{[^{}]{0,200}?\bPassword:\s*VALUE")),
    Taker("http_basic_authenticate_with", _takes(r"\bhttp_basic_authenticate_with\b[^\n]{0,120}?\bpassword:\s*VALUE")),
    Taker(
        "assword",
        _takes(
            r"\bpassword[\"']?\s{0,4}(?:=>|[:=])\s{0,4}(?:await\s+)?[\w.$:>-]{0,40}(?:hash|encrypt|encode|bcrypt|digest)\w{0,20}\(\s{0,4}VALUE"
        ),
    ),
    Taker(
        "admin",
        _takes(
            r"\bname[\"']?\s{0,4}(?:=>|[:=])\s{0,4}[\"'](?:admin|administrator|root)[\"']\s{0,4},\s{0,40}[\"']?password[\"']?\s{0,4}(?:=>|[:=])\s{0,4}VALUE"
        ),
    ),
    *(
        Taker(
            name,
            _takes(
                rf"(?:===?|\.equals(?:IgnoreCase)?\()\s{{0,4}}[\"']{name}\w{{0,10}}[\"']\)?\s{{0,4}}(?:&&|and\b)\s{{0,20}}"
                r"[\w.$\[\]'\"(:>-]{0,60}?(?:pass\w{0,10}|pwd|pw)['\"]?\]?\s{0,4}(?:===?\s{0,4}|\.equals\(\s{0,4})VALUE"
            ),
        )
        for name in ("admin", "root", "test", "demo", "guest")
    ),
)
"""Each takes a password, whatever it looks like."""
