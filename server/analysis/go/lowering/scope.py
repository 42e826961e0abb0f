"""What the parts of Go's lowering share: its tables, and the names of packages and types."""

import re
from pathlib import PurePosixPath

from tree_sitter import Node

from server.analysis.flow import program as p
from server.analysis.go.file import GoFile
from server.analysis.go.lowering.expressions import EXPRESSIONS
from server.analysis.go.lowering.statements import STATEMENTS
from server.analysis.lowering import TreeLowering, dotted

_VERSION = re.compile(r"^v\d+$")
_WRAPPERS = frozenset(
    {"pointer_type", "parenthesized_type", "slice_type", "array_type", "variadic_type", "generic_type"}
)


class Lowering(TreeLowering[GoFile]):
    """Of one file."""

    BLOCKS = frozenset({"block", "statement_list"})

    def __init__(self, file: GoFile, module: str) -> None:
        super().__init__(file, module, EXPRESSIONS, STATEMENTS)
        self.tells_error = False
        """Of the function around: whether its last result is an error, or a truth."""

    def block(self, node: Node | None) -> list[p.Statement]:
        """A block holds a list of statements, or nothing."""
        inner = next((child for child in node.named_children if child.type == "statement_list"), None) if node else None
        return super().block(inner if inner is not None else node)

    def type(self, node: Node | None) -> p.Expr | None:
        """The named type within pointers, slices and brackets; None of what has no name."""
        while node is not None and node.type in _WRAPPERS:
            node = node.child_by_field_name("element") or node.child_by_field_name("type") or _last(node)
        if node is None or node.type not in ("type_identifier", "qualified_type"):
            return None
        return dotted(self.text(node), self.line(node))


def _last(node: Node) -> Node | None:
    return node.named_children[-1] if node.named_child_count else None


def package_name(path: str) -> str:
    """Of the folder: `internal/db/users.go` is in `internal.db`."""
    folder = PurePosixPath(path).parent.as_posix()
    return "main" if folder == "." else _as_dotted(folder)


def import_name(path: str) -> str:
    """`github.com/x/shop/v2/db` is `github_com.x.shop.v2.db`; a dot would look like the end of a part."""
    return _as_dotted(path)


def local_name(path: str) -> str:
    """What a package is called where its import gives no name: its last part, but for a version's."""
    parts = path.split("/")
    if len(parts) > 1 and _VERSION.match(parts[-1]):
        parts.pop()
    return re.sub(r"\.v\d+$", "", parts[-1]).removeprefix("go-").replace("-", "_")


def _as_dotted(path: str) -> str:
    return path.strip("/").replace(".", "_").replace("/", ".")
