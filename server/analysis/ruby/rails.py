"""Rails' own words: fields that a form may set, patterns that a second line gets around, changes by a link."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from server.analysis.flow.rules import MASS_ASSIGNMENT
from server.analysis.parsed import called
from server.analysis.ruby.file import RubyFile
from server.analysis.rule import Hit, Kind, Rule, check
from server.analysis.rules import HTML_FROM_TEXT
from server.analysis.web.forgery import CHANGE_BY_GET
from server.reviews.finding import Confidence, Severity

LINE_ANCHORS = Rule(
    "hive.line-anchors",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.HIGH,
    "In Ruby ^ and $ are the ends of any line: a value of several lines passes with one of them that fits.",
    777,
    in_tests=False,
    also=(625, 185, 20),
    remedy="Write \\A and \\z.",
)

_RIGHTS = re.compile(
    r":(?:is_)?(?:admin|super_?user|superadmin|role|roles|role_ids?|staff|permissions?|is_staff|verified)\b"
)


@check(
    MASS_ASSIGNMENT,
    on=called("permit"),
    bad=("def user_params\n  params.require(:user).permit(:name, :email, :admin)\nend\n",),
    good=("def user_params\n  params.require(:user).permit(:name, :email)\nend\n",),
)
def permitted_rights(call: Node, file: RubyFile) -> Iterator[Hit]:
    """Not where administrators are at work."""
    if re.search(r"admin|manage|backoffice|staff", file.source.path, re.IGNORECASE) or "params" not in file.text(call):
        return
    found = _RIGHTS.search(file.text(call.child_by_field_name("arguments")))
    if found is not None:
        yield Hit(file.head_span(call), f"A form may set {found[0]}")


_LINES = re.compile(r"^/(?:\^|(?!\\A).*(?<!\\)\$/\w*$)", re.DOTALL)


@check(
    LINE_ANCHORS,
    on=("pair",),
    bad=(
        "class A < ApplicationRecord\n  validates :mail, format: { with: /^[^@]+@[^@]+$/ }\nend\n",
        "class A < ApplicationRecord\n  validates_format_of :site, with: /^https:/, multiline: true\nend\n",
    ),
    good=(
        "class A < ApplicationRecord\n  validates :mail, format: { with: /\\A[^@]+@[^@]+\\z/ }\nend\n",
        "get '/a', with: /^a$/\n",
    ),
)
def line_anchors(pair: Node, file: RubyFile) -> Iterator[Hit]:
    key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
    if (
        file.text(key).strip(":") != "with"
        or value is None
        or value.type != "regex"
        or not _LINES.match(file.text(value))
    ):
        return
    if any(a.type == "call" and file.text(a).startswith("validates") for a in file.ancestors(pair)):
        yield Hit(file.span(value), "The pattern asks one line of the value, not all of it")


_CHANGES = re.compile(
    r"#(?:destroy|delete|remove|update|create|transfer|approve|promote|ban|reset)\w*['\"]"
    r"|^\(?\s*:(?:destroy|delete|remove|close|cancel|approve|reject|disable|enable|ban|promote|archive|activate|deactivate"
    r"|toggle|withdraw|revoke)\w*\b"
)


@check(
    CHANGE_BY_GET,
    on=called("get", "match"),
    bad=(
        "Rails.application.routes.draw do\n  get 'users/:id/delete', to: 'users#destroy'\nend\n",
        "Rails.application.routes.draw do\n  match 'posts/bulk', to: 'posts#bulk', via: :all\nend\n",
        "Rails.application.routes.draw do\n  resources :notes do\n    member { get :archive }\n  end\nend\n",
    ),
    good=(
        "Rails.application.routes.draw do\n  get 'users/:id', to: 'users#show'\nend\n",
        "Rails.application.routes.draw do\n  match 'login', to: 'sessions#new', via: [:get, :post]\nend\n",
        "get 'users/:id/delete', to: 'users#destroy'\n",
    ),
)
def change_by_get(call: Node, file: RubyFile) -> Iterator[Hit]:
    if "routes.draw" not in file.source.text or call.child_by_field_name("receiver") is not None:
        return
    given = file.text(call.child_by_field_name("arguments"))
    if file.callee(call) == "get" and _CHANGES.search(given):
        yield Hit(file.head_span(call), "A mere link to this address changes data")
    elif file.callee(call) == "match" and re.search(r"via:\s*(?::all|\[?\s*:any)\b", given):
        yield Hit(file.head_span(call), "What a form does, a mere link does too", confidence=Confidence.LOW)


_WRITTEN = re.compile(
    r"#\{\s*(?:@?\w+\.)+(?:\w+_)?(?:name|title|text|comment|description|notes?|message|subject|body|intro|bio|content|question"
    r"|answer|summary|caption|remarks?|signature|about|quote)\s*\}"
)


@check(
    HTML_FROM_TEXT,
    on=called("html_safe", "raw"),
    bad=(
        'module NotesHelper\n  def quote_of(note)\n    "<q>#{note.text}</q>".html_safe\n  end\nend\n',
        'module NotesHelper\n  def intro_of(survey)\n    raw("<div>#{survey.intro}</div>")\n  end\nend\n',
    ),
    good=(
        'module NotesHelper\n  def quote_of(note)\n    "<q>#{h(note.text)}</q>".html_safe\n  end\nend\n',
        'module NotesHelper\n  def rank_of(note)\n    "<b>#{note.rank}</b>".html_safe\n  end\nend\n',
        'class Notes\n  def quote_of(note)\n    "<q>#{note.text}</q>".html_safe\n  end\nend\n',
    ),
)
def written_by_people(call: Node, file: RubyFile) -> Iterator[Hit]:
    """A helper that makes markup of what people write: templates call it, and do not escape what it gives."""
    text = file.text(call)[:_LONGEST]
    in_helper = any(a.type == "module" and "Helper" in file.text(a)[:80] for a in file.ancestors(call))
    if in_helper and "<" in text and _WRITTEN.search(text):
        yield Hit(file.head_span(call), "What people write becomes markup", confidence=Confidence.MEDIUM)


_LONGEST = 1_000

CHECKS = (permitted_rights, line_anchors, change_by_get, written_by_people)
