"""Everything that turns bytes of partners into trees."""
import io
import xml.etree.ElementTree as ET
import xml.sax
from xml.sax.handler import feature_external_ges

import defusedxml.ElementTree as SafeET
import xmltodict
from lxml import etree, objectify


class Collector(xml.sax.ContentHandler):
    def __init__(self):
        super().__init__()
        self.values = []

    def characters(self, content):
        self.values.append(content)


def parse_lxml(data: bytes):
    parser = etree.XMLParser(load_dtd=True, resolve_entities=True, huge_tree=True)
    return etree.parse(io.BytesIO(data), parser)


def parse_default(data: bytes):
    return etree.fromstring(data)


def parse_hardened(data: bytes):
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(data, parser)


def parse_sax(data: bytes):
    handler = Collector()
    parser = xml.sax.make_parser()
    parser.setFeature(feature_external_ges, True)
    parser.setContentHandler(handler)
    parser.parse(io.BytesIO(data))
    return handler.values


def parse_std(data: bytes):
    return ET.fromstring(data)


def parse_safe(data: bytes):
    return SafeET.fromstring(data)


def parse_object(data: bytes):
    return objectify.fromstring(data, etree.XMLParser(resolve_entities=True))


def to_dict(data: bytes):
    return xmltodict.parse(data, disable_entities=False)


def transform(data: bytes, sheet: bytes):
    xslt = etree.XSLT(etree.fromstring(sheet))
    return bytes(xslt(etree.fromstring(data)))
