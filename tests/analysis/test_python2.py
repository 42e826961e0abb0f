"""What Python 2 wrote is read in its lines, by the rules and by the linter, and nothing is offered to fix."""

import pytest

from server.analysis.budget import Budget
from server.analysis.python.python2 import as_python3, read_as_python2
from server.analysis.review import Analysis, read
from server.analysis.source import Source


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("print\n", "print\n"),
        ("print 'a', b  # why\n", "print('a', b)  # why\n"),
        ('print"a"\n', 'print("a")\n'),
        ("print >>log, 'a'; print b\n", "print(  log, 'a'); print(b)\n"),
        ("print 'a' % {\n    'b': 1}\n", "print('a' % {\n    'b': 1})\n"),
        ("print = 1\nprint('a')\n", "print = 1\nprint('a')\n"),
        ("exec code\n", "exec(code)\n"),
        ("exec code in scope\n", "exec(code  , scope)\n"),
        ("try: a\nexcept (A, B), e: print e\n", "try: a\nexcept (A, B) as e: print(e)\n"),
        ("raise A, 'b' % (c, d), e\n", "raise A( 'b' % (c, d), e)\n"),
        ("raise A\n", "raise A\n"),
        ("def f(a, (b, c), d=(1, 2)): pass\n", "def f(a,  b, c , d=(1, 2)): pass\n"),
        ("f(key=lambda (a, b): (b, a))\n", "f(key=lambda  a, b : (b, a))\n"),
        ("if a <> `b`: pass\n", "if a != (b): pass\n"),
        ("a = 0777 + 10L + 0xFFL + 00 + 1.5\n", "a = 511  + 10  + 0xFF  + 00 + 1.5\n"),
        ("a = ur'b' + u'c'\n", "a =  r'b' + u'c'\n"),
        ("if a:\n\tb\n        c\n", "if a:\n        b\n        c\n"),
        ("f(async=True)\n", "f(asynk=True)\n"),
        ("a = 'print b' # print c\n", "a = 'print b' # print c\n"),
        ("a = '''print b\n", "a = '''print b\n"),
    ],
)
def test_python_2_is_rewritten_within_its_lines(written: str, read_as: str) -> None:
    assert as_python3(written) == read_as


@pytest.mark.parametrize(
    "text", ["def f(:\n    print 'a'\n", "print f'{a}'\n", "async def f(): print 1\n", "def f(a: int): print a\n"]
)
def test_a_slip_in_newer_code_is_no_python_2(text: str) -> None:
    assert read_as_python2(text) is None


_OLD = """\
import cPickle, urllib2
from flask import Flask, request
app = Flask(__name__)

@app.route('/q')
def q():
    print 'asked'
    try:
        cPickle.loads(request.data)
    except ValueError, e:
        raise KeyError, e
    return urllib2.urlopen(request.args['url']).read()
"""


def test_flows_are_found_in_python_2_at_their_lines_without_fixes() -> None:
    analysis = Analysis()
    reading = analysis.read(Source.of("app.py", _OLD), Budget(5))
    problems = [*reading.problems, *analysis.conclude({"app.py": reading}, Budget(5)).problems["app.py"]]

    found = {(problem.rule.id, problem.hit.span.start_line) for problem in problems}
    assert {("hive.unsafe-deserialization", 9), ("hive.url-from-request", 12)} <= found
    assert reading.gaps == ["read as Python 2: no fixes are offered"]


def test_what_is_found_in_a_file_that_was_rewritten_has_no_fix() -> None:
    line = "from flask import Flask\nFlask(__name__).run(debug=True)\n"

    plain, rewritten = (read(Source.of("a.py", text), Budget(5)) for text in (line, line + "print 'a'\n"))

    assert any(problem.hit.fix for problem in plain.problems)
    assert [p.rule.id for p in rewritten.problems] == [p.rule.id for p in plain.problems]
    assert not any(problem.hit.fix for problem in rewritten.problems)
