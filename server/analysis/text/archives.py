"""Names in archives that are joined to a directory as they are: `../` in one writes a file anywhere."""

import re
from collections.abc import Iterator

from server.analysis.flow.rules import ARCHIVE_EXTRACTION
from server.analysis.language import Language
from server.analysis.rule import Hit, check
from server.analysis.text.file import TextFile
from server.analysis.text.statements import Statement, hits_of

_NOT_HERE = frozenset(
    {Language.PYTHON, Language.JAVA, Language.PROSE, Language.TEMPLATE, Language.SHELL, Language.YAML}
)
_OPENS_ARCHIVE = re.compile(
    r"\"archive/(?:zip|tar)\"|adm-zip|AdmZip|unzipper|yauzl|\btar-stream|jszip|Zip::File"
    r"|ZipArchive"
)
_LOOKS = re.compile(
    r"HasPrefix\(|IsLocal\(|filepath\.Rel\(|startsWith\(|\.normalize\(|path\.relative\(|start_with\?|realpath|securejoin"
    r"|['\"]\.\.['\"/]"
)


@check(
    ARCHIVE_EXTRACTION,
    on=(TextFile,),
    bad=(
        'import "archive/zip"\nfor _, f := range r.File {\n\tp := filepath.Join(dst, f.Name)\n}\n',
        "const unzipper = require('unzipper');\nconst target = path.join(dir, entry.path);\n",
        "Zip::File.open(file) do |zip|\n  zip.each { |e| e.extract(File.join(dir, e.name)) }\nend\n",
    ),
    good=(
        'import "archive/zip"\np := filepath.Join(dst, f.Name)\nif !strings.HasPrefix(p, dst) {\n',
        "const target = path.join(dir, entry.path);\n",
    ),
)
def joined_name(file: TextFile, _: TextFile) -> Iterator[Hit]:
    """In files that open archives and never look where a path leads."""
    said = "A name in the archive chooses where its file is written"
    entry = r"\b(?:f|file|e|entry|ze|hdr|header|zipEntry|zipFile|member)"
    joined = hits_of(
        file,
        Statement("Join(", re.compile(rf"\bfilepath\.Join\([^()\n]{{1,120}},\s{{0,4}}{entry}\.Name\s{{0,4}}\)"), said),
        Statement(
            "path.",
            re.compile(
                rf"\bpath\.(?:join|resolve)\([^()\n]{{1,120}},\s{{0,4}}{entry}\.(?:path|fileName|entryName|name)\b"
            ),
            said,
        ),
        Statement("File.join", re.compile(rf"\bFile\.join\([^()\n]{{1,120}},\s{{0,4}}{entry}\.name\s{{0,4}}\)"), said),
        Statement("getNameIndex", re.compile(r"\bgetNameIndex\([^()\n]{1,40}\)"), said),
        not_in=_NOT_HERE,
    )
    first = next(joined, None)
    if first is not None and _OPENS_ARCHIVE.search(file.source.text) and not _LOOKS.search(file.source.text):
        yield first
        yield from joined


CHECKS = (joined_name,)
