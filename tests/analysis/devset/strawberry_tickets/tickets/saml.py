import base64
from xml.dom import pulldom

from lxml import etree

NS = {"saml": "urn:oasis:names:tc:SAML:2.0:assertion"}


def subject(answer: str) -> str:
    tree = etree.fromstring(base64.b64decode(answer), etree.XMLParser(resolve_entities=False))
    return tree.findtext(".//saml:NameID", namespaces=NS)
