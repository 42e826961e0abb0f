"""What an identity provider says (SAML): taken without a look at its signature, or from what is unsigned."""

import ast
import re
from collections.abc import Iterator

from server.analysis.python.file import FunctionNode, PythonFile
from server.analysis.rule import Hit, check
from server.analysis.rules import UNVERIFIED_TOKEN
from server.reviews.finding import Confidence, Severity

_READS = re.compile(r"['\"]SAMLResponse['\"]")
_NAMES = re.compile(r"NameID|AttributeStatement|getElementsByTagName|\.find(?:all|text)?\(|xpath\(", re.IGNORECASE)
_PARSES = re.compile(r"fromstring\(|parseString\(|\.parse\(")
_VERIFIES = re.compile(r"verif|signature|is_valid|validate|process_response|check|parse_authn|decrypt", re.IGNORECASE)


@check(
    UNVERIFIED_TOKEN,
    on=(ast.FunctionDef, ast.AsyncFunctionDef),
    bad=(
        "def acs(request):\n    doc = etree.fromstring(b64decode(request.POST['SAMLResponse']))\n"
        "    login(doc.find('.//NameID').text)\n",
        "def acs(request):\n    doc = etree.fromstring(b64decode(request.POST['SAMLResponse']))\n"
        "    XMLVerifier().verify(doc, x509_cert=CERT)\n    login(doc.find('.//NameID').text)\n",
    ),
    good=(
        "def acs(request):\n    signed = XMLVerifier().verify(b64decode(request.POST['SAMLResponse'])).signed_xml\n"
        "    login(signed.find('.//NameID').text)\n",
        "def acs(request):\n    response = client.parse_authn_request_response(request.POST['SAMLResponse'])\n"
        "    login(response.name_id)\n",
        "def acs(request):\n    doc = etree.fromstring(verified(request.POST['SAMLResponse']))\n"
        "    login(doc.find('.//NameID').text)\n",
    ),
)
def unsigned_assertion(node: FunctionNode, file: PythonFile) -> Iterator[Hit]:
    text = file.text(node)
    if not _READS.search(text) or not _PARSES.search(text) or not _NAMES.search(text):
        return
    dropped = [
        n
        for n in ast.walk(node)
        if isinstance(n, ast.Expr)
        and isinstance(n.value, ast.Call)
        and isinstance(n.value.func, ast.Attribute)
        and n.value.func.attr == "verify"
        and "XMLVerifier" in file.text(n.value.func)
    ]
    if dropped:
        message = "The signature is checked, but what is read is the whole document, not the part that is signed"
        yield Hit(file.span(dropped[0]), message, severity=Severity.HIGH, confidence=Confidence.MEDIUM)
    elif not _VERIFIES.search(text.partition("\n")[2]):
        message = "The assertion is believed without checking its signature"
        yield Hit(file.head_span(node), message, severity=Severity.HIGH, confidence=Confidence.MEDIUM)


CHECKS = (unsigned_assertion,)
