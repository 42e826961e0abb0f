"""What a Next.js project's settings open: the image service, the sources of what runs in browsers."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from server.analysis.config.properties import TOLD_INTERNALS
from server.analysis.javascript.file import JavaScriptFile
from server.analysis.rule import Hit, check
from server.analysis.rules import URL_FROM_REQUEST
from server.reviews.finding import Confidence, Severity


@check(
    URL_FROM_REQUEST,
    on=("pair",),
    bad=("module.exports = { images: { remotePatterns: [{ protocol: 'https', hostname: '**' }] } };\n",),
    good=(
        "module.exports = { images: { remotePatterns: [{ hostname: '**.acme.io' }] } };\n",
        "const options = { hostname: '**' };\n",
    ),
)
def any_image(pair: Node, file: JavaScriptFile) -> Iterator[Hit]:
    """The image service fetches for whoever asks, from wherever they say."""
    is_any = re.fullmatch(r"['\"]?hostname['\"]?\s*:\s*['\"]\*{1,2}['\"]", file.text(pair)) is not None
    if is_any and "remotePatterns" in file.source.text:
        yield Hit(
            file.span(pair),
            "The image service fetches from any host",
            severity=Severity.LOW,
            confidence=Confidence.MEDIUM,
        )


@check(
    TOLD_INTERNALS,
    on=("pair",),
    bad=("module.exports = { productionBrowserSourceMaps: true };\n",),
    good=("module.exports = { productionBrowserSourceMaps: false };\n",),
)
def told_sources(pair: Node, file: JavaScriptFile) -> Iterator[Hit]:
    if re.fullmatch(r"['\"]?productionBrowserSourceMaps['\"]?\s*:\s*true", file.text(pair)):
        yield Hit(file.span(pair), "Visitors get the sources of the program", severity=Severity.LOW)


CHECKS = (any_image, told_sources)
