"""Secrets in Ruby that can be guessed: from `rand` and its like, or from the clock."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from server.analysis.guessable import SECRET_NAME, TOKEN_NAME, guessed
from server.analysis.parsed import called
from server.analysis.ruby.file import RubyFile
from server.analysis.rule import Hit, check
from server.analysis.rules import PREDICTABLE_SECRET
from server.analysis.text.looks import snake


@check(
    PREDICTABLE_SECRET,
    on=called("rand", "sample", "shuffle"),
    bad=(
        "token = rand(1_000_000)\n",
        "def generate_token\n  rand(36**20).to_s(36)\nend\n",
        "user.update(otp: rand(100000..999999))\n",
        "code = Array.new(6) { rand(10) }.join\n",
        "password = ('a'..'z').to_a.sample(8).join\n",
        "response.set_cookie('session', Random.rand(10**10).to_s)\n",
        "self.confirmation_code = [*'A'..'Z'].shuffle.first(6).join\n",
    ),
    good=(
        "token = SecureRandom.hex(32)\n",
        "page = rand(10)\n",
        "token = tokens.sample\n",
        "token = tokens[rand(3)]\n",
        "password = chars.sample(8, random: SecureRandom).join\n",
    ),
)
def predictable_secret(call: Node, file: RubyFile) -> Iterator[Hit]:
    text = file.text(call)
    if "SecureRandom" in text[:400]:
        return
    drawn = file.text(call.child_by_field_name("method")) == "rand"
    if guessed(call, file, may_pick=drawn) and (drawn or _is_joined(call, file)):
        yield Hit(file.span(call), "A secret made with a generator for simulations")


def _is_joined(call: Node, file: RubyFile) -> bool:
    """Letters put together to a text; `tokens.sample` is one that was there."""
    for ancestor in file.ancestors(call):
        if ancestor.type == "call" and file.text(ancestor.child_by_field_name("method")) == "join":
            return True
        if ancestor.type in ("assignment", "body_statement", "method"):
            return False
    return False


@check(
    PREDICTABLE_SECRET,
    on=("assignment",),
    bad=("user.reset_token = Digest::MD5.hexdigest(Time.now.to_s)\n", "session_id = Time.now.to_i.to_s\n"),
    good=("token_expires_at = Time.now + 60\n", "reset_sent_at = Time.now\n", "api_key = SecureRandom.hex\n"),
)
def secret_of_the_clock(node: Node, file: RubyFile) -> Iterator[Hit]:
    name, value = snake(file.text(node.child_by_field_name("left"))), node.child_by_field_name("right")
    if value is None or not (SECRET_NAME.search(name) or TOKEN_NAME.search(name)):
        return
    if re.search(r"\bTime\.(?:now|current)\b.{0,40}(?:to_i|to_s|to_f|\))", file.text(value)[:500]):
        yield Hit(file.span(value), "A secret made from the clock")


CHECKS = (predictable_secret, secret_of_the_clock)
