"""XML documents and the expressions that search them. Parsers of defusedxml are no sinks."""

from server.analysis.flow.models import Danger, Model, Returns, Sanitizer, Sink, When
from server.analysis.flow.rules import XML_BOMB, XPATH_INJECTION
from server.analysis.flow.words import of_each, under
from server.analysis.rules import XML_ENTITIES
from server.reviews.finding import Confidence

_TREES = ("xml.etree.ElementTree", "xml.etree.cElementTree")

MODELS: tuple[Model, ...] = (
    Sink(
        (
            *under("lxml.etree", "parse fromstring XML fromstringlist iterparse XMLID"),
            *under("lxml.objectify", "fromstring parse"),
        ),
        Danger.XML,
        XML_ENTITIES,
        args=(0, "text", "source"),
        message="is read by lxml, which resolves the entities that a document declares",
        confidence=Confidence.MEDIUM,
        when=(When((1, "parser"), (), absent=True),),
    ),
    Sink(
        (
            *of_each(_TREES, "fromstring parse XML iterparse fromstringlist XMLID"),
            *under("xml.dom", "minidom.parseString minidom.parse pulldom.parse pulldom.parseString expatbuilder.parse"),
            *under("xml.sax", "parse parseString"),
        ),
        Danger.XML,
        XML_BOMB,
        args=(0, "text", "source", "string"),
    ),
    Returns((*of_each(_TREES, "fromstring XML"), "lxml.etree.fromstring", "lxml.etree.XML"), "lxml.etree._Element"),
    Returns((*of_each(_TREES, "parse"), "lxml.etree.parse"), "lxml.etree._ElementTree"),
    Returns(("lxml.etree._ElementTree.getroot",), "lxml.etree._Element"),
    Sink(
        of_each(("lxml.etree._Element", "lxml.etree._ElementTree"), "xpath find findall findtext iterfind"),
        Danger.XPATH,
        XPATH_INJECTION,
        args=(0, "_path", "path", "match"),
    ),
    Sink(("lxml.etree.XPath", "lxml.etree.ETXPath", "elementpath.select"), Danger.XPATH, XPATH_INJECTION, args=(0, 1)),
    Sink(("*.xpath",), Danger.XPATH, XPATH_INJECTION, text=r"[/\[@]", confidence=Confidence.MEDIUM),
    Sink(
        ("*.findall", "*.iterfind"),
        Danger.XPATH,
        XPATH_INJECTION,
        text=r"//?[\w.*]+\[",
        confidence=Confidence.MEDIUM,
    ),
    Sanitizer(("xml.sax.saxutils.escape", "html.escape"), frozenset({Danger.XML})),
)
