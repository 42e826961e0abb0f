"""The languages whose flows are followed: how a parsed file is lowered, and what is known of the libraries."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from server.analysis.flow.models import Model
from server.analysis.flow.program import Module
from server.analysis.go import examples as go_examples
from server.analysis.go.file import GoFile
from server.analysis.go.lower import lower as lower_go
from server.analysis.go.models.catalogue import MODELS as GO_MODELS
from server.analysis.java import examples as java_examples
from server.analysis.java.file import JavaFile
from server.analysis.java.lower import lower as lower_java
from server.analysis.java.models.catalogue import MODELS as JAVA_MODELS
from server.analysis.javascript.file import JavaScriptFile
from server.analysis.javascript.models import MODELS as JAVASCRIPT_MODELS
from server.analysis.javascript.models import examples as javascript_examples
from server.analysis.language import Language
from server.analysis.php import examples as php_examples
from server.analysis.php.file import PhpFile
from server.analysis.php.lower import lower as lower_php
from server.analysis.php.models import MODELS as PHP_MODELS
from server.analysis.project import Files
from server.analysis.python.file import PythonFile
from server.analysis.python.lower import lower as lower_python
from server.analysis.python.models import examples as python_examples
from server.analysis.python.models import short_examples as short_python_examples
from server.analysis.python.models.catalogue import MODELS as PYTHON_MODELS
from server.analysis.ruby import examples as ruby_examples
from server.analysis.ruby.file import RubyFile
from server.analysis.ruby.lower import lower as lower_ruby
from server.analysis.ruby.models import MODELS as RUBY_MODELS
from server.analysis.rule import Rule
from server.analysis.templates.file import TemplateFile
from server.analysis.templates.scripts import lower as lower_javascript


@dataclass(frozen=True, slots=True)
class Flows:
    """*outside*: packages that are no project's own, whatever a folder is called. *bad*, *good*: small projects in
    which a hostile value arrives, and the same made safe.
    """

    files: tuple[type, ...]
    languages: frozenset[Language]
    lower: Callable[[Any], Module | None]
    models: tuple[Model, ...]
    outside: frozenset[str] = frozenset()
    bad: tuple[tuple[Rule, Files], ...] = ()
    good: tuple[Files, ...] = ()


PYTHON = Flows(
    (PythonFile,),
    frozenset({Language.PYTHON}),
    lower_python,
    PYTHON_MODELS,
    frozenset(sys.stdlib_module_names),
    (*python_examples.BAD, *short_python_examples.BAD),
    (*python_examples.GOOD, *short_python_examples.GOOD),
)

JAVASCRIPT = Flows(
    (JavaScriptFile, TemplateFile),
    frozenset({Language.JAVASCRIPT, Language.TYPESCRIPT, Language.TSX}),
    lower_javascript,
    JAVASCRIPT_MODELS,
    bad=javascript_examples.BAD,
    good=javascript_examples.GOOD,
)

GO = Flows((GoFile,), frozenset({Language.GO}), lower_go, GO_MODELS, bad=go_examples.BAD, good=go_examples.GOOD)

JAVA = Flows(
    (JavaFile,), frozenset({Language.JAVA}), lower_java, JAVA_MODELS, frozenset(), java_examples.BAD, java_examples.GOOD
)

PHP = Flows(
    (PhpFile,), frozenset({Language.PHP}), lower_php, PHP_MODELS, frozenset(), php_examples.BAD, php_examples.GOOD
)

RUBY = Flows(
    (RubyFile,), frozenset({Language.RUBY}), lower_ruby, RUBY_MODELS, bad=ruby_examples.BAD, good=ruby_examples.GOOD
)

FLOWS: tuple[Flows, ...] = (PYTHON, JAVASCRIPT, GO, JAVA, PHP, RUBY)
