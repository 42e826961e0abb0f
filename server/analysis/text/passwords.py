"""What people may choose as a password, and where passwords travel in an address; in any language but Python, whose
checks know the syntax (`python/settings.py`, `python/requests.py`).
"""

# ruff: noqa: E501  # One phrase, one line: they are tables.

import re
from collections.abc import Iterator
from typing import NamedTuple

from server.analysis.language import Language
from server.analysis.python.requests import SECRET_IN_ADDRESS
from server.analysis.python.settings import WEAK_PASSWORD_POLICY
from server.analysis.rule import Hit, check
from server.analysis.text.credentials import COMMENT, is_documentation
from server.analysis.text.file import TextFile


class Phrase(NamedTuple):
    """*hint* stands in every one of them, in small letters."""

    hint: str
    pattern: re.Pattern[str]


def _phrase(hint: str, pattern: str) -> Phrase:
    return Phrase(hint, re.compile(pattern, re.IGNORECASE))


_FEW = r"(?P<least>[2-6])\b(?!\.)"
_NAME = r"\w{0,20}passw(?:or)?d\w{0,12}"

SHORT_PASSWORDS: tuple[Phrase, ...] = (
    _phrase("length", rf"\b{_NAME}(?:\?)?\.(?:trim\(\)\.)?length(?:\(\))?\s{{0,4}}<\s{{0,4}}{_FEW}"),
    _phrase("len(", rf"\b(?:mb_)?(?:str)?len\(\s{{0,4}}[\w.$>\[\]'\"-]{{0,40}}?{_NAME}['\"\]]{{0,2}}\s{{0,4}}\)\s{{0,4}}<\s{{0,4}}{_FEW}"),
    _phrase("minlength", rf"\b{_NAME}['\"]?\s{{0,4}}:\s{{0,4}}\{{[^{{}}]{{0,200}}?\bminlength\s{{0,4}}:\s{{0,4}}\[?\s{{0,4}}{_FEW}"),
    _phrase("islength", rf"\b(?:body|check)\(\s{{0,4}}['\"]{_NAME}['\"][^;]{{0,200}}?\.isLength\(\{{\s{{0,4}}min:\s{{0,4}}{_FEW}"),
    _phrase(".min(", rf"\b{_NAME}['\"]?\s{{0,4}}:\s{{0,4}}(?:Joi|z|yup|v|vine|t)\b[^;,\n]{{0,80}}?\.min\(\s{{0,4}}{_FEW}"),
    _phrase("@minlength", rf"@MinLength\(\s{{0,4}}{_FEW}[^;]{{0,200}}?\b{_NAME}\s{{0,2}}[?!]?\s{{0,2}}:"),
    _phrase("@size", rf"@(?:Size|Length)\(\s{{0,4}}min\s{{0,4}}=\s{{0,4}}{_FEW}[^;{{}}]{{0,200}}?\b{_NAME}\s{{0,2}};"),
    _phrase("min:", rf"['\"]{_NAME}['\"]\s{{0,4}}=>\s{{0,4}}\[?\s{{0,4}}['\"][^\n]{{0,80}}?\bmin:{_FEW}"),
    _phrase("validates", rf"\bvalidates(?:_length_of)?[ (]{{1,4}}:{_NAME}[^\n]{{0,120}}?(?:minimum|within|in)\s{{0,4}}(?::|=>)\s{{0,4}}\(?{_FEW}"),
    _phrase("validates", rf"\bvalidates(?:_length_of)?[ (]{{1,4}}:{_NAME}[^\n]{{0,120}}?(?:within|in)\s{{0,4}}(?::|=>)\s{{0,4}}\(?(?P<least>[2-6])\.\."),
    _phrase("password_length", r"\bpassword_length\s{0,4}=\s{0,4}(?P<least>[1-6])\.\."),
    _phrase("min=", rf"\b{_NAME}\s{{1,20}}\*?string\s{{1,20}}`[^`\n]{{0,200}}?(?:binding|validate):\"[^\"`]{{0,100}}?\bmin=(?P<least>[1-6])\b"),
    _phrase("min", rf"\b(?:min(?:imum)?_?{_NAME}(?:_?len(?:gth)?)?|passw(?:or)?d_?min(?:imum)?_?len(?:gth)?)['\"]?\s{{0,4}}(?::=|=>|=|:)\s{{0,4}}{_FEW}\s{{0,4}}[;,\n]"),
)  # fmt: skip


@check(
    WEAK_PASSWORD_POLICY,
    on=(TextFile,),
    bad=(
        "if (password.length < 4) {\n",
        "const schema = new Schema({ password: { type: String, required: true, minlength: 3 } });\n",
        "body('password').isLength({ min: 4 })\n",
        "const s = Joi.object({ password: Joi.string().min(3).required() });\n",
        "@MinLength(4)\npassword: string;\n",
        "@Size(min = 4) private String password;\n",
        "if (strlen($password) < 4) {\n",
        "$rules = ['password' => 'required|min:4'];\n",
        "validates :password, length: { minimum: 4 }\n",
        "config.password_length = 4..128\n",
        "if len(password) < 4 {\n",
        'Password string `json:"password" binding:"required,min=4"`\n',
        "const MIN_PASSWORD_LENGTH = 4;\n",
    ),
    good=(
        "if (password.length < 12) {\n",
        "if (password.length < 1) {\n",
        "if (name.length < 4) {\n",
        "$rules = ['password' => 'required|min:12'];\n",
        "// if (password.length < 4) {\n",
    ),
)
def short_passwords(file: TextFile, _: TextFile) -> Iterator[Hit]:
    for found in _found(file, SHORT_PASSWORDS):
        yield Hit(
            file.source.line_span(file.line_of(found.start("least"))),
            f"Passwords of {found['least']} characters are taken",
        )


_CONFIDENTIAL = r"(?:password|passwd|pwd|passphrase|cvv|ssn|card_?number)"
_SENT = (
    r"[?&](?:password|passwd|pwd|access_?token|auth_?token|id_?token|jwt|api_?key|apikey|secret|session_?id|sessid)="
)
_VALUE = r"(?:['\"`]\s{0,4}(?:\+|\.)\s{0,4}[\w$]|\$\{|#\{|\{\$|\$\w)"

SECRETS_IN_ADDRESSES: tuple[Phrase, ...] = (
    _phrase("query", rf"\b(?:req|request|ctx|ctx\.request|c)\.query(?:\.|\[['\"]){_CONFIDENTIAL}\b"),
    _phrase("query", rf"\{{[^{{}}\n]{{0,100}}\b{_CONFIDENTIAL}\b[^{{}}\n]{{0,100}}\}}\s{{0,4}}=\s{{0,4}}(?:req|request|ctx|ctx\.request)\.query\b"),
    _phrase("query", rf"\.(?:Query\(\)\.Get|QueryParam|Query|DefaultQuery)\(\s{{0,4}}\"{_CONFIDENTIAL}\""),
    _phrase("searchparams", rf"\bsearchParams\.get\(\s{{0,4}}['\"]{_CONFIDENTIAL}['\"]"),
    _phrase("$_get", rf"\$_GET\[\s{{0,4}}['\"]{_CONFIDENTIAL}['\"]"),
    _phrase("@getmapping", rf"@GetMapping\([^)]{{0,120}}\)[^{{}};]{{0,300}}?@RequestParam(?:\([^)]{{0,60}}\))?\s{{1,8}}(?:final\s{{1,4}})?String\s{{1,8}}{_CONFIDENTIAL}\b"),
    _phrase("get ", rf"^\s{{0,8}}get\s{{1,4}}['\"]/[^'\"\n]{{0,80}}['\"]\s{{0,4}}do\b[^\n]{{0,40}}\n(?:(?!\s{{0,8}}end\b)[^\n]{{0,200}}\n){{0,8}}?[^\n]{{0,200}}params\[:{_CONFIDENTIAL}\]"),
    _phrase("=", rf"{_SENT}{_VALUE}"),
    _phrase("token=", rf"(?:redirect\w{{0,8}}[ (]|Location:|location\.href\s{{0,4}}=)[^\n;]{{0,120}}[?&#](?:token|access_token|jwt)={_VALUE}"),
)  # fmt: skip


@check(
    SECRET_IN_ADDRESS,
    on=(TextFile,),
    bad=(
        "app.get('/login', (req, res) => { check(req.query.password); });\n",
        "const { username, password } = req.query;\n",
        'password := r.URL.Query().Get("password")\n',
        "$password = $_GET['password'];\n",
        '@GetMapping("/login") String login(@RequestParam String user, @RequestParam String password) {\n',
        "get '/login' do\n  check(params[:user], params[:password])\nend\n",
        "fetch(`/api/data?access_token=${token}`);\n",
        'http.Get("https://api.acme.io/?api_key=" + apiKey)\n',
        "res.redirect('/home?token=' + token);\n",
        'header("Location: /home.php?token=" . $token);\n',
    ),
    good=(
        "const { password } = req.body;\n",
        "const { page } = req.query;\n",
        '@PostMapping("/login") String login(@RequestParam String password) {\n',
        "post '/login' do\n  check(params[:user], params[:password])\nend\n",
        "mail(`https://acme.io/reset?token=${token}`);\n",
        "fetch('/api/data?api_key=demo');\n",
    ),
)
def secret_in_address(file: TextFile, _: TextFile) -> Iterator[Hit]:
    seen = set()
    for found in _found(file, SECRETS_IN_ADDRESSES):
        line = file.line_of(found.end() - 1)
        if line not in seen:
            seen.add(line)
            yield Hit(file.source.line_span(line), "The address carries a secret")


def _found(file: TextFile, phrases: tuple[Phrase, ...]) -> Iterator[re.Match[str]]:
    source = file.source
    if source.language in _NO_PROGRAM or is_documentation(source):
        return
    text = source.text
    lowered = text.lower()
    if "passw" not in lowered and "token" not in lowered and "key" not in lowered and "pwd" not in lowered:
        return
    for phrase in phrases:
        if phrase.hint not in lowered:
            continue
        for found in phrase.pattern.finditer(text):
            if not COMMENT.match(text, text.rfind("\n", 0, found.start()) + 1):
                yield found


_NO_PROGRAM = frozenset(
    {Language.PYTHON, Language.PROSE, Language.SHELL, Language.YAML, Language.DOCKERFILE, Language.NGINX}
)


CHECKS = (short_passwords, secret_in_address)
