"""A Go file as the flow analysis sees it.

The rules of the grammar are in `lowering/`; this starts them.
Errors carry no values: `rows, err := f()` is `rows = f()`, and `return rows, nil` is `return rows`.
"""

from server.analysis.flow.program import Module
from server.analysis.go.file import GoFile
from server.analysis.go.lowering.declarations import top_level
from server.analysis.go.lowering.scope import Lowering, package_name


def lower(file: GoFile) -> Module:
    source = file.source
    package = package_name(source.path)
    body = top_level(file.tree.root_node, Lowering(file, package))
    return Module(source.path, source.path, source.language, source.is_test, body, package)
