"""Names in archives that are joined to a directory as they are: `../` in one writes a file anywhere."""

import re
from collections.abc import Iterator

from server.analysis.flow.rules import ARCHIVE_EXTRACTION
from server.analysis.language import Language
from server.analysis.rule import Hit, check
from server.analysis.text.file import TextFile
from server.analysis.text.statements import Statement, hits_of

_NOT_HERE = frozenset({Language.PYTHON, Language.PROSE, Language.TEMPLATE, Language.SHELL, Language.YAML})
_OPENS_ARCHIVE = re.compile(
    r"adm-zip|AdmZip|unzipper|yauzl|\btar-stream|jszip|Zip::File|Package::TarReader|ZipArchive|ZipFile|JarFile"
)
_LOOKS = re.compile(
    r"startsWith\(|\.normalize\(|path\.relative\(|start_with\?|realpath|['\"]\.\.['\"/]"
    r"|\b\w{0,30}(?:[iI]nside|[wW]ithin|[sS]afe|[sS]anitiz)\w{0,30}\("
)
_UNSEEN = re.compile(r"\b(?:ZipFile|JarFile)\b[\s\S]{0,2000}?\.(?:stream|forEach)\(")
"""Entries whose type only the compiler knows: `for (var entry : zip.stream().toList())`."""

_WRITES = re.compile(r"file_put_contents|\b(?:fopen|copy|rename|mkdir|touch|extractTo|move_uploaded_file)\s?\(|zip://")

NEAR = 12
"""Lines around a name in which somebody may look where it leads."""


@check(
    ARCHIVE_EXTRACTION,
    on=(TextFile,),
    bad=(
        "const unzipper = require('unzipper');\nconst target = path.join(dir, entry.path);\n",
        "ZipFile zip = new ZipFile(a);\nfor (var entry : zip.stream().toList()) {\n"
        "  copy(dir.resolve(entry.getName()));\n}\n",
        "$zip = new ZipArchive();\n$name = $zip->getNameIndex($i);\nfile_put_contents($dir . '/' . $name, $data);\n",
        "Zip::File.open(file) do |zip|\n  zip.each { |e| e.extract(File.join(dir, e.name)) }\nend\n",
    ),
    good=(
        "Zip::File.open(file) do |zip|\n  zip.each do |e|\n    to = File.join(dir, e.name)\n"
        "    next unless to.start_with?(dir)\n  end\nend\n",
        "const target = path.join(dir, entry.path);\n",
        "$zip = new ZipArchive();\nif (preg_match($wanted, $zip->getNameIndex($i))) {\n"
        "    $data = $zip->getFromIndex($i);\n}\n",
    ),
)
def joined_name(file: TextFile, _: TextFile) -> Iterator[Hit]:
    """In files that open archives, where nobody looks nearby where a path leads."""
    said = "A name in the archive chooses where its file is written"
    entry = r"\b(?:f|file|e|entry|ze|hdr|header|zipEntry|zipFile|member)"
    joined = hits_of(
        file,
        Statement(
            "path.",
            re.compile(
                rf"\bpath\.(?:join|resolve)\([^()\n]{{1,120}},\s{{0,4}}{entry}\.(?:path|fileName|entryName|name)\b"
            ),
            said,
        ),
        Statement(
            "File.join",
            re.compile(rf"\bFile\.join\([^()\n]{{1,120}},\s{{0,4}}{entry}\.(?:full_)?name\s{{0,4}}\)"),
            said,
        ),
        Statement(
            "getName()",
            re.compile(
                rf"(?:\.resolve\(\s{{0,4}}|\bnew File\([^()\n]{{1,80}},\s{{0,4}}){entry}\.getName\(\)\s{{0,4}}\)"
            ),
            said,
        ),
        Statement("getNameIndex", re.compile(r"\bgetNameIndex\([^()\n]{1,40}\)"), said),
        not_in=_NOT_HERE,
    )
    for hit in joined:
        line = hit.span.start_line
        if file.source.language is Language.JAVA and not _UNSEEN.search(file.source.text):
            continue  # Followed from the entry to what is written.
        if "getNameIndex" in file.source.line(line) and not _WRITES.search(
            "\n".join(file.source.lines[line - 1 : line + NEAR])
        ):
            continue  # Only looked at.
        near = "\n".join(file.source.lines[max(0, line - NEAR) : line + NEAR])
        if not _LOOKS.search(near) and _OPENS_ARCHIVE.search(file.source.text):
            yield hit


CHECKS = (joined_name,)
