"""Parsers of XML in Java that follow entities: each kind of factory does until it is told otherwise.

What is parsed nobody asks: whoever makes such a parser for a document of their own loses nothing by closing it. Not
told of are factories that only build or write documents, and those that read what the program brings along.
"""

import re
from collections.abc import Iterator

from tree_sitter import Node

from server.analysis.java.file import JavaFile
from server.analysis.parsed import called
from server.analysis.rule import Hit, check
from server.analysis.rules import XML_ENTITIES

_FACTORIES = {
    "DocumentBuilderFactory": re.compile(r"\.\s*parse\s*\("),
    "SAXParserFactory": re.compile(r"\.\s*(?:parse|getXMLReader)\s*\("),
    "XMLInputFactory": re.compile(r"\.\s*createXML(?:Stream|Event)Reader\s*\("),
    "TransformerFactory": re.compile(
        r"\.\s*new(?:Transformer|Templates)\s*\(\s*[^)\s]|new\s+(?:StreamSource|SAXSource)\b|\bSource\s+\w+\s*[,)]"
    ),
    "SAXTransformerFactory": re.compile(r"\.\s*new(?:Transformer(?:Handler)?|Templates)\s*\(\s*[^)\s]"),
    "SchemaFactory": re.compile(r"\.\s*(?:newSchema\s*\(\s*[^)\s]|validate\s*\()"),
    "XMLReaderFactory": re.compile(r"\.\s*parse\s*\("),
    "SAXReader": re.compile(r"\.\s*read\s*\("),
    "SAXBuilder": re.compile(r"\.\s*build\s*\("),
    "Digester": re.compile(r"\.\s*parse\s*\("),
}
"""Class -> what it does when it reads."""

_CLOSED = re.compile(
    r"disallow-doctype-decl|external-general-entities|load-external-dtd|ACCESS_EXTERNAL_|FEATURE_SECURE_PROCESSING"
    r"|SUPPORT_DTD|IS_SUPPORTING_EXTERNAL_ENTITIES|[sS]upportDTD|isSupportingExternalEntities|accessExternal"
    r"|setEntityResolver|setXMLResolver|setExpandEntities\(\s*false|DEFAULT_PROPERTY_NAME|XMLReaders\."
    r"|\b\w*(?:[sS]ecur|[hH]arden|[dD]isable|[sS]afe|[pP]rotect|setFeature|[cC]onfigure|[sS]etup|[xX]xe)\w*\s*\("
)
"""What tells a parser not to follow entities, also by a method of such a name."""

_OWN = re.compile(r"getResource(?:AsStream)?\s*\(|ClassPathResource|\"<\?xml|\.parse\(\s*(?:new File\(\s*)?\"")
"""What the program brings along."""

_MADE = frozenset({"SAXReader", "SAXBuilder", "Digester"})
_MAKERS = ("newInstance", "newFactory", "newDefaultInstance", "createXMLReader")


def _method(*lines: str) -> str:
    body = "".join(f"    {line}\n" for line in lines)
    return f"class A {{\n  void f(InputStream in) throws Exception {{\n{body}  }}\n}}\n"


@check(
    XML_ENTITIES,
    on=(*called(*_MAKERS, "parseText"), "object_creation_expression"),
    bad=(
        _method(
            "DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();",
            "factory.newDocumentBuilder().parse(in);",
        ),
        _method("SAXParserFactory.newInstance().newSAXParser().parse(in, handler);"),
        _method("XMLInputFactory.newFactory().createXMLStreamReader(in);"),
        _method("TransformerFactory f = TransformerFactory.newInstance();", "f.newTransformer(new StreamSource(in));"),
        _method("new SAXReader().read(in);"),
        _method("Document document = DocumentHelper.parseText(text);"),
        _method("SAXBuilder builder = new SAXBuilder();", "builder.build(in);"),
        _method("XMLReader reader = XMLReaderFactory.createXMLReader();", "reader.parse(new InputSource(in));"),
        "class A {\n  private final XMLInputFactory factory = XMLInputFactory.newInstance();\n"
        "  void f(Reader in) { factory.createXMLEventReader(in); }\n}\n",
    ),
    good=(
        _method(
            "DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();",
            'factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);',
            "factory.newDocumentBuilder().parse(in);",
        ),
        _method(
            "XMLInputFactory factory = XMLInputFactory.newFactory();",
            "factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);",
            "factory.createXMLStreamReader(in);",
        ),
        _method("DocumentBuilderFactory.newInstance().newDocumentBuilder().newDocument();"),
        _method("TransformerFactory.newInstance().newTransformer().transform(source, result);"),
        _method("DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(A.class.getResourceAsStream(name));"),
        "class A {\n  private final XMLInputFactory factory = XMLInputFactory.newInstance();\n"
        "  A() { factory.setProperty(XMLInputFactory.SUPPORT_DTD, false); }\n"
        "  void f(Reader in) { factory.createXMLEventReader(in); }\n}\n",
    ),
)
def open_parser(node: Node, file: JavaFile) -> Iterator[Hit]:
    kind = _kind(node, file)
    if not kind:
        return
    around = file.text(_user(node, file))
    reads = _FACTORIES.get(kind)
    if (reads is None or reads.search(around)) and not _CLOSED.search(around) and not _OWN.search(around):
        yield Hit(file.head_span(node), f"{kind} follows entities: what they name is read into the document")


def _kind(node: Node, file: JavaFile) -> str:
    """The class of the factory or parser that is made, "" for anything else."""
    if node.type == "object_creation_expression":
        name = file.text(node.child_by_field_name("type")).rpartition(".")[2]
        return name if name in _MADE else ""
    receiver = file.text(node.child_by_field_name("object")).rpartition(".")[2]
    if file.text(node.child_by_field_name("name")) == "parseText":
        return receiver if receiver == "DocumentHelper" else ""
    return receiver if receiver in _FACTORIES and receiver not in _MADE else ""


def _user(node: Node, file: JavaFile) -> Node:
    """Where to look for what becomes of it: the method around, or the class where others get hold of it."""
    method = user = node
    for ancestor in file.ancestors(node):
        if ancestor.type in ("method_declaration", "constructor_declaration") and method is node:
            method = ancestor
        if ancestor.type == "class_declaration":
            user = ancestor
            break
    if method is node:
        return user
    name = file.text(method.child_by_field_name("name"))
    is_handed_on = re.search(
        r"\breturn\s+(?:this\.)?\w*(?:[fF]actory|[rR]eader|[bB]uilder|[pP]arser)\w*\s*;", file.text(method)
    )
    is_kept = name == "static" or re.search(
        r"\bthis\.\w+\s*=[^=;]*$", file.text(method)[: node.start_byte - method.start_byte]
    )
    return user if is_handed_on or is_kept or method.type == "constructor_declaration" else method


CHECKS = (open_parser,)
