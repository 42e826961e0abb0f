"""The languages whose routes are read from what the flow engine lowers."""

from server.analysis.go.file import GoFile
from server.analysis.go.routes import ROUTING as GO
from server.analysis.java.file import JavaFile
from server.analysis.java.routes import ROUTING as JAVA
from server.analysis.language import Language
from server.analysis.php.file import PhpFile
from server.analysis.php.routes import ROUTING as PHP
from server.analysis.ruby.file import RubyFile
from server.analysis.ruby.routes import ROUTING as RUBY
from server.analysis.tree import TreeFile
from server.analysis.web.lowered.outline import Routing

ROUTINGS: dict[Language, Routing] = {Language.JAVA: JAVA, Language.PHP: PHP, Language.GO: GO, Language.RUBY: RUBY}

LOWERED: tuple[type[TreeFile], ...] = (JavaFile, PhpFile, GoFile, RubyFile)
