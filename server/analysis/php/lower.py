"""A PHP file as the flow analysis sees it.

The rules of the grammar are in `lowering/`; this starts them. Variables keep their `$`, so that they are never taken
for functions; namespaces are written with dots. A file that is included brings in all that it defines.
"""

from pathlib import PurePosixPath

from server.analysis.flow.program import NO_NAMESPACE, Module
from server.analysis.php.file import PhpFile
from server.analysis.php.lowering.declarations import namespace_of
from server.analysis.php.lowering.scope import Lowering


def lower(file: PhpFile) -> Module:
    source = file.source
    root = file.tree.root_node
    name = PurePosixPath(source.path).with_suffix("").as_posix().replace("/", ".")
    namespace = namespace_of(root, file)
    lowering = Lowering(file, namespace or name)
    package = namespace or NO_NAMESPACE
    return Module(source.path, name, source.language, source.is_test, lowering.block(root), package)
