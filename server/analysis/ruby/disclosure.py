"""What gets out of Ruby programs that should not: the inside of errors to clients, secrets to logs."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from server.analysis.config.properties import TOLD_INTERNALS
from server.analysis.parsed import called
from server.analysis.python.logs import LOGGED_SECRET
from server.analysis.ruby.file import RubyFile
from server.analysis.rule import Hit, check
from server.analysis.telling import callee_text, logged
from server.analysis.web.disclosure import ERROR_DETAILS
from server.reviews.finding import Severity

_LOGGER = re.compile(r"(?:^|[._])(?:logger|log|LOGGER|LOG)\.\w+$")


@check(
    LOGGED_SECRET,
    on=called("info", "debug", "warn", "error", "fatal", "puts", "p"),
    bad=(
        'Rails.logger.info "login failed: #{params[:email]} #{params[:password]}"\n',
        "def login\n  logger.debug(params.inspect)\n  check(params[:password])\nend\n",
        'puts "token: #{api_token}"\n',
        'logger.info("password: " + password)\n',
    ),
    good=(
        "Rails.logger.info 'password reset'\n",
        'logger.info "login of #{user.email}"\n',
        "def index\n  logger.debug(params.inspect)\nend\n",
        "puts password_length\n",
    ),
)
def logged_secret(call: Node, file: RubyFile) -> Iterator[Hit]:
    callee, given = callee_text(call, file), call.child_by_field_name("arguments")
    if given is None or not (_LOGGER.search(callee) or callee in ("puts", "p")):
        return
    yield from logged(call, given, file)


_TELLS = re.compile(
    r"\b(?:e|err|error|ex|exception|exc)\.(?:message|backtrace|full_message|inspect|to_s)\b|sinatra\.error"
)
_BROAD = re.compile(
    r"^rescue\s*(?:=>|(?:StandardError|Exception|ActiveRecord::StatementInvalid|PG::Error|\w*SQL\w*Error)\b)"
)


@check(
    ERROR_DETAILS,
    on=called("render", "halt", "body", "json", "error"),
    bad=(
        "def show\n  work\nrescue => e\n  render json: { error: e.message }, status: 500\nend\n",
        "rescue_from StandardError do |e|\n  render plain: e.full_message, status: 500\nend\n",
        "get '/x' do\n  begin\n    work\n  rescue StandardError => e\n    halt 500, e.message\n  end\nend\n",
        "class A\n  rescue_from StandardError, with: :failed\n  def failed(error)\n"
        "    render json: { error: error.message, trace: error.backtrace }, status: 500\n  end\nend\n",
        "error do\n  \"Something broke: #{env['sinatra.error'].message}\"\nend\n",
    ),
    good=(
        "def show\n  work\nrescue RecordInvalid => e\n  render json: { errors: e.message }, status: 422\nend\n",
        "def show\n  work\nrescue => e\n  logger.error(e.message)\n  render json: { error: 'failed' }\nend\n",
        "error do\n  'Something broke'\nend\n",
    ),
)
def error_in_answer(call: Node, file: RubyFile) -> Iterator[Hit]:
    method, text = file.text(call.child_by_field_name("method")), file.text(call)[:1_000]
    told = _TELLS.search(text)
    if told is None or call.child_by_field_name("receiver") is not None or (method == "error") != ("do" in text[:40]):
        return
    if method != "error" and not _handles_anything(call, file):
        return
    trace = re.search(r"backtrace|full_message", text) is not None
    what = "the trace of the error" if trace else "the text of whatever went wrong"
    yield Hit(file.head_span(call), f"The answer has {what}", severity=Severity.MEDIUM if trace else Severity.LOW)


def _handles_anything(node: Node, file: RubyFile) -> bool:
    for ancestor in file.ancestors(node):
        if ancestor.type == "rescue":
            return _BROAD.match(file.text(ancestor)[:200]) is not None
        if ancestor.type == "call" and "rescue_from" in file.text(ancestor)[:40]:
            return re.match(r"rescue_from\s*\(?\s*(?:StandardError|Exception)\b", file.text(ancestor)) is not None
        if ancestor.type == "method":
            name = re.escape(file.text(ancestor.child_by_field_name("name")))
            named = rf"rescue_from\s*\(?\s*(?:StandardError|Exception)\b[^\n]{{0,100}}with:\s*:{name}\b"
            return re.search(named, file.source.text) is not None
    return False


@check(
    TOLD_INTERNALS,
    on=called("set", "enable"),
    bad=("set :show_exceptions, true\n", "enable :show_exceptions\n"),
    good=("set :show_exceptions, false\n", "configure :development do\n  set :show_exceptions, true\nend\n"),
)
def shown_errors(call: Node, file: RubyFile) -> Iterator[Hit]:
    text = file.text(call)[:200]
    if not re.match(r"(?:set|enable)[ (]+:(?:show_exceptions|dump_errors)(?:\s*,\s*true)?\)?$", text) or (
        text.startswith("set") and "true" not in text
    ):
        return
    if not any(a.type == "call" and ":development" in file.text(a)[:60] for a in file.ancestors(call)):
        yield Hit(file.span(call), "Visitors are shown errors in full")


CHECKS = (logged_secret, error_in_answer, shown_errors)
