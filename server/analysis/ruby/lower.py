"""A Ruby file as the flow analysis sees it.

The rules of the grammar are in `lowering/`; this starts them. All constants are everybody's, as Rails loads them: the
files of a project are one package.
"""

from server.analysis.flow.program import Module
from server.analysis.ruby.file import RubyFile
from server.analysis.ruby.lowering.scope import Lowering

PACKAGE = "ruby"


def lower(file: RubyFile) -> Module:
    source = file.source
    body = Lowering(file, PACKAGE).block(file.tree.root_node)
    return Module(source.path, source.path, source.language, source.is_test, body, PACKAGE)
