"""Ciphers and keys in Java that are used so that they protect little: the same nonce again, short keys."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from server.analysis.java.file import JavaFile
from server.analysis.parsed import called
from server.analysis.python.ciphers import SMALL_KEY, STATIC_NONCE
from server.analysis.rule import Hit, check

_SPECS = {"IvParameterSpec": 0, "GCMParameterSpec": 1}
_CONSTANT = re.compile(r"^(?:new byte\s*\[\s*\d*\s*\]|\"[^\"]*\"\s*\.\s*getBytes\(|Arrays\.copyOf\(\s*\"|\{)")
MAX_DECLARED = 2_000
"""Characters of a method in which a constant is looked for."""


@check(
    STATIC_NONCE,
    on=("object_creation_expression",),
    bad=(
        "class A { static final byte[] IV = new byte[16]; Object f() { return new IvParameterSpec(IV); } }\n",
        'class A { Object f() { return new IvParameterSpec("0123456789abcdef".getBytes()); } }\n',
        "class A { Object f() { byte[] iv = {1, 2, 3}; return new GCMParameterSpec(128, iv); } }\n",
    ),
    good=(
        "class A { Object f() { byte[] iv = new byte[16]; random.nextBytes(iv); return new IvParameterSpec(iv); } }\n",
        "class A { Object f(byte[] iv) { return new IvParameterSpec(iv); } }\n",
        "class A { Object f(ByteBuffer b) {\n"
        "  byte[] iv = new byte[12]; b.get(iv); return new GCMParameterSpec(128, iv); } }\n",
    ),
)
def static_nonce(made: Node, file: JavaFile) -> Iterator[Hit]:
    at = _SPECS.get(file.text(made.child_by_field_name("type")))
    given = made.child_by_field_name("arguments")
    if at is None or given is None or given.named_child_count <= at:
        return
    value = file.text(given.named_children[at])
    if _CONSTANT.match(value) or (
        re.fullmatch(r"(?:this\.|[A-Z]\w*\.)?\w+", value) and _is_constant(value, made, file)
    ):
        yield Hit(file.span(made), "The same nonce for every message")


def _is_constant(name: str, made: Node, file: JavaFile) -> bool:
    """Whether the bytes of that name are set where they are declared, and nothing else ever fills them."""
    bare = name.rpartition(".")[2]
    around = next((a for a in file.ancestors(made) if a.type == "method_declaration"), file.tree.root_node)
    declared = rf"\bbyte\s*(?:\[\s*\]\s*{bare}|\s{bare}\s*\[\s*\])\s*=\s*(?P<value>[^;]{{1,200}})"
    for text in (file.text(around)[:MAX_DECLARED], file.source.text):
        found = re.search(declared, text)
        if found is not None:
            is_filled = bool(re.search(rf"(?:nextBytes|get|read\w*|arraycopy|putInt|fill)\([^;]*\b{bare}\b", text))
            return _CONSTANT.match(found["value"]) is not None and not is_filled
    return False


@check(
    SMALL_KEY,
    on=called("initialize"),
    bad=(
        'class A { void f() { KeyPairGenerator g = KeyPairGenerator.getInstance("RSA"); g.initialize(1024); } }\n',
        'class A { void f() { var kpg = KeyPairGenerator.getInstance("DSA"); kpg.initialize(512, random); } }\n',
    ),
    good=(
        'class A { void f() { KeyPairGenerator g = KeyPairGenerator.getInstance("RSA"); g.initialize(3072); } }\n',
        'class A { void f() { KeyPairGenerator g = KeyPairGenerator.getInstance("EC"); g.initialize(256); } }\n',
        "class A { void f() { pool.initialize(10); } }\n",
    ),
)
def small_key(call: Node, file: JavaFile) -> Iterator[Hit]:
    size = re.match(r"\(\s*(\d{3,4})\s*[,)]", file.text(call.child_by_field_name("arguments")))
    around = next((a for a in file.ancestors(call) if a.type.endswith("_declaration")), None)
    if size is None or around is None or int(size[1]) >= 2048:
        return
    if re.search(
        r"KeyPairGenerator\s*\.\s*getInstance\(\s*\"(?:RSA|DSA|DH|DiffieHellman|ElGamal)\"", file.text(around)
    ):
        yield Hit(file.span(call), f"A key of {size[1]} bits")


CHECKS = (static_nonce, small_key)
