"""Migrations that lose data, fail on a table with rows, or hold a lock while a large table is rewritten.

Of Django and Alembic as Python; of raw SQL as text. Only in migrations that the change adds, and only for tables that
the migration does not make itself: an empty table has nothing to lose.
"""

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any

from server.analysis.budget import Budget
from server.analysis.change.change import Change, ChangeCheck, ChangedFile, Edited
from server.analysis.change.sql_migrations import dangers_of
from server.analysis.project import Found
from server.analysis.python.file import PythonFile
from server.analysis.python.values import argument, is_constant
from server.analysis.rule import Hit, Kind, Problem, Rule
from server.analysis.text.file import TextFile
from server.reviews.finding import Confidence, Severity

LOSES_DATA = Rule(
    "hive.migration-loses-data",
    Kind.BUG,
    Severity.MEDIUM,
    Confidence.MEDIUM,
    why="What the column or table held is gone, and the version that still runs during the deployment asks for it.",
    remedy="Release the code that no longer uses it first; drop it in a later release, when a copy is kept.",
    in_tests=False,
)
FAILS_ON_ROWS = Rule(
    "hive.migration-fails-on-rows",
    Kind.BUG,
    Severity.HIGH,
    Confidence.MEDIUM,
    why="Rows that are already there have no value for the column: the migration works on an empty database alone.",
    remedy="Add the column nullable or with a default of the server's, fill it, and set NOT NULL afterwards.",
    in_tests=False,
)
RENAMES = Rule(
    "hive.migration-renames",
    Kind.BUG,
    Severity.LOW,
    Confidence.MEDIUM,
    why="The version that still runs during the deployment asks for the old name, and fails until it is replaced.",
    remedy="Add the new one, write both, move the readers over, and drop the old one in a later release.",
    in_tests=False,
)
LOCKS_TABLE = Rule(
    "hive.migration-locks-table",
    Kind.BUG,
    Severity.LOW,
    Confidence.LOW,
    why="Nobody can write to the table until it is rewritten or indexed: minutes, when it is large.",
    remedy="Make the index CONCURRENTLY, outside of a transaction; for a new type add a column, and fill it in parts.",
    cwe=667,
    in_tests=False,
)
IRREVERSIBLE = Rule(
    "hive.migration-irreversible",
    Kind.BUG,
    Severity.LOW,
    Confidence.MEDIUM,
    why="The step has no way back: when the release fails, the migrations before it cannot be undone either.",
    remedy="Give it a reverse, or say that there is nothing to undo: RunPython.noop, RunSQL.noop.",
    in_tests=False,
)

RULES = (LOSES_DATA, FAILS_ON_ROWS, RENAMES, LOCKS_TABLE, IRREVERSIBLE)
_BY_SQL = {"loses": LOSES_DATA, "fails": FAILS_ON_ROWS, "renames": RENAMES, "locks": LOCKS_TABLE}


def find(change: Change, budget: Budget) -> Iterator[Found]:
    for file in change.files:
        budget.spend()
        if file.before is not None or file.after.is_test:
            continue
        parts = PurePosixPath(file.path).parts
        if file.path.endswith(".sql") and _MIGRATES.search(file.path):
            yield from (Found(file.path, problem) for problem in _of_sql(file))
        elif "migrations" in parts[:-1] or "versions" in parts[:-1]:
            parsed = file.python_after
            if parsed is not None:
                yield from (Found(file.path, problem) for problem in (*_of_django(parsed), *_of_alembic(parsed)))


_MIGRATES = re.compile(r"(?:^|/)(?:migrations?|migrate|alembic|flyway|liquibase|changesets?)(?:/|$)|(?:^|/)V\d+__")


def _of_sql(file: ChangedFile) -> Iterator[Problem]:
    name = PurePosixPath(file.path).name
    if re.search(r"\bdown\b|rollback|revert|^U\d", name):
        return
    text = TextFile(file.after)
    for danger in dangers_of(file.after.text):
        yield Problem(_BY_SQL[danger.kind], Hit(text.span(danger.start, danger.end), danger.message))


def _of_django(file: PythonFile) -> Iterator[Problem]:
    if not any(origin.startswith("django.db") for origin in file.imports.values()):
        return
    made = {_text(argument(call, 0, "name")).lower() for call in _calls(file, "CreateModel")}
    for call in _calls(file, "RemoveField", "DeleteModel", "RenameField", "RenameModel", "RunPython", "RunSQL"):
        operation = file.dotted(call.func).rpartition(".")[2]
        model = _text(argument(call, 0, "model_name")) or _text(argument(call, 0, "name"))
        if "RunSQL" in ast.unparse(file.parents[call])[:40] or model.lower() in made:
            continue
        yield from _django_operation(operation, call, model, file)


def _django_operation(operation: str, call: ast.Call, model: str, file: PythonFile) -> Iterator[Problem]:
    span = file.head_span(call)
    if operation in ("RemoveField", "DeleteModel"):
        what = f"{model}.{_text(argument(call, 1, 'name'))}" if operation == "RemoveField" else model
        if what.strip("."):
            yield Problem(
                LOSES_DATA, Hit(span, f"{what} is dropped with what it holds", evidence=f"{operation} {what}")
            )
    elif operation in ("RenameField", "RenameModel"):
        yield Problem(RENAMES, Hit(span, f"{operation} of {model}: both names are in use during the deployment"))
    elif argument(call, 1, "reverse_code") is None and argument(call, 1, "reverse_sql") is None:
        changes = operation == "RunPython" or not _only_reads(call)
        if changes and not _takes_spread(call):
            yield Problem(IRREVERSIBLE, Hit(span, f"{operation} without a reverse"))


def _only_reads(call: ast.Call) -> bool:
    return _text(argument(call, 0, "sql")).lstrip().lower().startswith(("select", "analyze", "vacuum", "comment"))


def _takes_spread(call: ast.Call) -> bool:
    return any(isinstance(a, ast.Starred) for a in call.args) or any(k.arg is None for k in call.keywords)


def _of_alembic(file: PythonFile) -> Iterator[Problem]:
    if not any(origin.startswith("alembic") for origin in file.imports.values()):
        return
    upgrade = next((n for n in file.nodes(ast.FunctionDef) if getattr(n, "name", "") == "upgrade"), None)
    if upgrade is None:
        return
    calls = [call for call in _calls(file, *_ALEMBIC) if file.function_of(call) is upgrade]
    made = {_text(argument(call, 0, "table_name")) for call in calls if _name(call) == "create_table"}
    is_postgres = any("postgresql" in origin for origin in file.imports.values())
    for call in calls:
        table = _table_of(call, file)
        if table not in made:
            yield from _alembic_operation(_name(call), call, table, is_postgres, file)


_ALEMBIC = (
    "create_table",
    "drop_table",
    "add_column",
    "drop_column",
    "alter_column",
    "rename_table",
    "create_index",
)


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _table_of(call: ast.Call, file: PythonFile) -> str:
    """The first argument of `op.add_column`; of `batch_op.add_column` it was given to the `with` around it."""
    if _name(call) == "create_index":
        return _text(argument(call, 1, "table_name"))
    if isinstance(call.func, ast.Attribute) and file.dotted(call.func.value) != "alembic.op":
        for block in file.ancestors(call):
            if isinstance(block, ast.With) and isinstance(block.items[0].context_expr, ast.Call):
                return _text(argument(block.items[0].context_expr, 0, "table_name"))
    return _text(argument(call, 0, "table_name"))


def _alembic_operation(
    operation: str, call: ast.Call, table: str, is_postgres: bool, file: PythonFile
) -> Iterator[Problem]:
    span = file.head_span(call)
    column = next((a for a in call.args if isinstance(a, ast.Call) and _name(a) == "Column"), None)
    by_name = {keyword.arg: keyword.value for keyword in call.keywords}
    if operation in ("drop_column", "drop_table"):
        names = [_text(a) for a in call.args[:2] if _text(a)]
        yield Problem(LOSES_DATA, Hit(span, f"{'.'.join(names) or table} is dropped with what it holds"))
    elif operation == "rename_table" or by_name.get("new_column_name") is not None:
        yield Problem(RENAMES, Hit(span, f"A name of {table} changes: both are in use during the deployment"))
    elif operation == "add_column" and column is not None and _is_required(column):
        name = _text(column.args[0]) if column.args else "the column"
        yield Problem(FAILS_ON_ROWS, Hit(span, f"{name} is NOT NULL without a server_default: rows have no value"))
    elif operation == "alter_column" and by_name.get("type_") is not None:
        yield Problem(LOCKS_TABLE, Hit(span, f"A column of {table} changes its type: the table is rewritten"))
    elif operation == "create_index" and is_postgres and "postgresql_concurrently" not in by_name:
        yield Problem(LOCKS_TABLE, Hit(span, f"The index on {table} is not made concurrently: writers wait"))


def _is_required(column: ast.Call) -> bool:
    given = {keyword.arg: keyword.value for keyword in column.keywords}
    has_value = any(name in given for name in ("server_default", "identity", "computed"))
    makes_value = any(isinstance(a, ast.Call) and _name(a) in ("Identity", "Computed") for a in column.args)
    return is_constant(given.get("nullable"), False) and not has_value and not makes_value


def _calls(file: PythonFile, *names: str) -> list[ast.Call]:
    wanted = set(names)
    calls: Sequence[Any] = file.nodes(ast.Call)
    return [c for c in calls if (c.func.attr if isinstance(c.func, ast.Attribute) else "") in wanted]


def _text(node: ast.AST | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


_DJANGO = (
    "from django.db import migrations, models\n\nclass Migration(migrations.Migration):\n    operations = [\n{}    ]\n"
)
_OP = (
    "from alembic import op\nimport sqlalchemy as sa\n\ndef upgrade():\n{}\ndef downgrade():\n    op.drop_table('a')\n"
)
_PG = "from alembic import op\nfrom sqlalchemy.dialects import postgresql\n\ndef upgrade():\n{}"


def _django(operation: str) -> Edited:
    return Edited({}, {"shop/migrations/0002_x.py": _DJANGO.format(f"        {operation},\n")})


def _alembic(statements: str, frame: str = _OP) -> Edited:
    return Edited({}, {"alembic/versions/ab12_x.py": frame.format(statements)})


def _sql(text: str) -> Edited:
    return Edited({}, {"migrations/0002_x.sql": text})


migrations = ChangeCheck(
    "migrations",
    RULES,
    find,
    bad=(
        (LOSES_DATA, _django("migrations.RemoveField(model_name='order', name='note')")),
        (LOSES_DATA, _alembic("    op.drop_column('orders', 'note')\n")),
        (LOSES_DATA, _sql("ALTER TABLE orders DROP COLUMN note;\n")),
        (FAILS_ON_ROWS, _alembic("    op.add_column('orders', sa.Column('n', sa.Integer(), nullable=False))\n")),
        (FAILS_ON_ROWS, _sql("alter table orders add column n int not null;\n")),
        (RENAMES, _django("migrations.RenameField('order', 'note', 'remark')")),
        (RENAMES, _sql("ALTER TABLE orders RENAME COLUMN note TO remark;\n")),
        (LOCKS_TABLE, _alembic("    op.create_index('ix', 'orders', ['n'])\n", _PG)),
        (LOCKS_TABLE, _sql("ALTER TABLE orders ALTER COLUMN n TYPE bigint;\n")),
        (IRREVERSIBLE, _django("migrations.RunPython(fill)")),
    ),
    good=(
        _django("migrations.AddField('order', 'note', models.TextField(null=True))"),
        _django("migrations.RunPython(fill, migrations.RunPython.noop)"),
        _alembic("    op.add_column('orders', sa.Column('n', sa.Integer(), nullable=False, server_default='0'))\n"),
        _alembic(
            "    op.create_table('orders', sa.Column('id', sa.Integer()))\n"
            "    op.add_column('orders', sa.Column('n', sa.Integer(), nullable=False))\n"
        ),
        _alembic("    op.create_index('ix', 'orders', ['n'], postgresql_concurrently=True)\n", _PG),
        _sql("CREATE TABLE orders (id int, n int NOT NULL);\nALTER TABLE orders ADD COLUMN m int NOT NULL;\n"),
        _sql("ALTER TABLE orders ADD COLUMN n int NOT NULL DEFAULT 0;\n-- DROP TABLE orders;\n"),
        Edited({"shop/views.py": "a\n"}, {"shop/views.py": "migrations.RemoveField('a', 'b')\n"}),
    ),
)
