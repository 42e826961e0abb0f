"""Text that is run as Python, or names the module that is imported."""

from server.analysis.flow.models import ALL_DANGERS, Danger, Harmless, Model, Returns, Sanitizer, Sink, When
from server.analysis.flow.rules import UNSAFE_REFLECTION
from server.analysis.flow.words import of_each, under
from server.analysis.rules import CODE_FROM_TEXT
from server.reviews.finding import Severity

MODELS: tuple[Model, ...] = (
    Sink(
        (
            *("eval", "exec", "execfile", "code.InteractiveInterpreter.runsource"),
            *("code.InteractiveInterpreter.runcode", "code.InteractiveConsole.push", "cProfile.run", "profile.run"),
            *under("timeit", "timeit repeat Timer"),
            *("pdb.run", "bdb.Bdb.run", "trace.Trace.run", "runpy.run_path", "runpy.run_module", "doctest.testsource"),
            *under("numexpr", "evaluate NumExpr"),
            *under("sympy", "sympify S parsing.sympy_parser.parse_expr parse_expr"),
            *under("pandas", "eval DataFrame.eval DataFrame.query"),
            *under("PIL.ImageMath", "eval unsafe_eval"),
            *("js2py.eval_js", "execjs.eval", "execjs.compile", "py_mini_racer.MiniRacer.eval", "IPython.get_ipython"),
            *under("redis.Redis", "eval register_script"),
            *of_each(
                ("langchain_experimental.utilities", "langchain_experimental.utilities.python", "langchain.utilities"),
                "PythonREPL.run PythonREPL.run_code",
            ),
            *("langchain_experimental.tools.PythonREPLTool.run", "langchain_experimental.tools.PythonAstREPLTool.run"),
            *("asteval.Interpreter.eval", "lupa.LuaRuntime.execute", "lupa.LuaRuntime.eval", "restrictedpython.exec"),
        ),
        Danger.CODE,
        CODE_FROM_TEXT,
        args=(0, "source", "expr", "expression", "stmt", "code"),
        severity=Severity.CRITICAL,
    ),
    Sink(
        ("*.eval",),
        Danger.CODE,
        CODE_FROM_TEXT,
        when=(When(("engine",), ("python",)),),
        severity=Severity.HIGH,
    ),
    Sink(
        ("importlib.import_module", "__import__", "importlib.__import__", "pydoc.locate", "pkgutil.resolve_name"),
        Danger.REFLECTION,
        UNSAFE_REFLECTION,
        args=(0, "name"),
    ),
    Sink(
        ("importlib.util.spec_from_file_location",),
        Danger.REFLECTION,
        UNSAFE_REFLECTION,
        args=(1, "location"),
        message="chooses the file of which a module is made",
    ),
    Sink(
        (
            "django.utils.module_loading.import_string",
            "werkzeug.utils.import_string",
            "zope.dottedname.resolve.resolve",
        ),
        Danger.REFLECTION,
        UNSAFE_REFLECTION,
        args=(0, "name", "dotted_path"),
    ),
    Returns(
        under(
            "pandas",
            "DataFrame read_csv read_excel read_json read_parquet read_sql read_sql_query read_table read_pickle concat"
            " merge DataFrame.copy DataFrame.query DataFrame.merge DataFrame.head DataFrame.sort_values",
        ),
        "pandas.DataFrame",
    ),
    Sanitizer(("eval", "numexpr.evaluate", "pandas.eval"), ALL_DANGERS - {Danger.CODE}),
    Harmless(("importlib.import_module", "__import__", "importlib.__import__", "pydoc.locate", "runpy.run_path")),
    Sanitizer(("ast.literal_eval", "ast.parse"), frozenset({Danger.CODE})),
    Sanitizer(("compile",), frozenset({Danger.CODE}), when=(When((1, "filename"), (None,), otherwise=True),)),
)
"""What is compiled under the name of a file is a program that is loaded, or code that a library writes for itself."""
