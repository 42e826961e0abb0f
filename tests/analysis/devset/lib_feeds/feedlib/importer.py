"""Read feeds in a number of formats."""
import configparser
import csv
import json
import marshal
import pickle
import re
import shelve
import xml.sax
from io import BytesIO

import jsonpickle
import lxml.etree
import lxml.html
import numpy as np
import pandas as pd
import yaml
from defusedxml import ElementTree as SafeTree

EMAIL = re.compile(r'^([a-zA-Z0-9_.+-]+)+@([a-zA-Z0-9-]+\.)+[a-zA-Z]{2,}$')
TRAILING = re.compile(r'\s+$')
TAGS = re.compile(r'<(\w+)(\s+[^>]*)*>')
DATE = re.compile(r'^\d{4}-\d{2}-\d{2}$')


class Opml(xml.sax.ContentHandler):
    def __init__(self):
        self.urls = []

    def startElement(self, name, attrs):
        if 'xmlUrl' in attrs:
            self.urls.append(attrs['xmlUrl'])


def read_opml(stream):
    handler = Opml()
    parser = xml.sax.make_parser()
    parser.setFeature(xml.sax.handler.feature_external_ges, True)
    parser.setContentHandler(handler)
    parser.parse(stream)
    return handler.urls


def read_rss(data):
    tree = lxml.etree.parse(BytesIO(data), lxml.etree.XMLParser(load_dtd=True, no_network=False, resolve_entities=True))
    return [item.findtext('link') for item in tree.iter('item')]


def read_atom(data):
    return SafeTree.fromstring(data)


def read_rules(text):
    return yaml.load(text, Loader=yaml.UnsafeLoader)


def read_settings(text):
    return yaml.load(text, yaml.FullLoader)


def read_state(path):
    with open(path, 'rb') as source:
        return pickle.load(source)


def read_cached(raw):
    return jsonpickle.decode(raw)


def read_matrix(path):
    return np.load(path, allow_pickle=True)


def read_frame(path):
    return pd.read_pickle(path)


def find_links(tree, title):
    return tree.xpath("//a[@title='%s']/@href" % title)


def convert(value, kind):
    return eval('%s(%r)' % (kind, value))


def matches(pattern, text):
    return re.match(pattern, text)


def parse_number(text):
    return json.loads(text)
