"""Which other templates one includes, extends or imports."""

import re

from server.analysis.templates.dialect import Role
from server.analysis.templates.file import TemplateFile

_USE = re.compile(
    r"^(?:include|extends|import|embed|from)\s*\(?\s*['\"]([^'\"]{1,200})['\"]"
    r"|^(?:inherit|include)\s+file=['\"]([^'\"]{1,200})['\"]|^>\s*['\"]?([\w./-]{1,200})"
    r"|^-?\s*(?:render|partial)\s*\(?\s*(?:partial:\s*)?['\"]([^'\"]{1,200})['\"]"
)


def uses_of(file: TemplateFile) -> tuple[str, ...]:
    found = []
    for tag in file.tags:
        hit = _USE.match(tag.inner[:300]) if tag.role is not Role.COMMENT else None
        if hit is not None:
            found.append(next(name for name in hit.groups() if name is not None))
    return tuple(dict.fromkeys(found))
