"""A Java file as the flow analysis sees it.

The rules of the grammar are in `lowering/`; this starts them. A method's first parameter is `this`.
"""

from collections.abc import Sequence

from server.analysis.flow.program import Module
from server.analysis.java.file import JavaFile
from server.analysis.java.lowering.declarations import package_of, page, top_level
from server.analysis.java.lowering.scope import Lowering


def lower(file: JavaFile) -> Module:
    source = file.source
    package = package_of(file.tree.root_node, file)
    body = top_level(file.tree.root_node, Lowering(file, package))
    return Module(source.path, source.path, source.language, source.is_test, body, package)


def lower_page(file: JavaFile, imports: Sequence[str]) -> Module:
    """The code of a page of JSP, which *imports* what it names besides what every page sees."""
    source = file.source
    body = page(file.tree.root_node, imports, Lowering(file, source.path))
    return Module(source.path, source.path, source.language, source.is_test, body, source.path)
