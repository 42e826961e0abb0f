"""A JavaScript or TypeScript file as the flow analysis sees it.

The rules of the grammar are in `lowering/`; this starts them.
"""

from server.analysis.flow.program import Import, Module
from server.analysis.javascript.file import JavaScriptFile
from server.analysis.javascript.lowering.expressions import EXPRESSIONS
from server.analysis.javascript.lowering.names import module_name
from server.analysis.javascript.lowering.scope import Lowering
from server.analysis.javascript.lowering.statements import STATEMENTS


def lower(file: JavaScriptFile) -> Module:
    source = file.source
    lowering = Lowering(file, module_name(source.path), EXPRESSIONS, STATEMENTS)
    body = lowering.block(file.tree.root_node)
    imports = [Import(1, list(lowering.imports.items()))] if lowering.imports else []
    return Module(source.path, lowering.module, source.language, source.is_test, [*imports, *lowering.hoisted, *body])
