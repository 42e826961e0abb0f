import hashlib
import http.client
import ssl
import urllib.request
from urllib.parse import urljoin

import lxml.etree
import requests


class Mirror:
    def __init__(self, base, *, verify=True, session=None):
        self.base = base
        self.session = session or requests.Session()
        self.session.verify = verify

    def fetch(self, name):
        reply = self.session.get(urljoin(self.base, name), timeout=30)
        reply.raise_for_status()
        return reply.content

    def index(self):
        parser = lxml.etree.XMLParser(resolve_entities=False, no_network=True)
        return lxml.etree.fromstring(self.fetch("index.xml"), parser)


def insecure_context():
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def old_context():
    return ssl.SSLContext(ssl.PROTOCOL_TLSv1)


def checksum(data):
    return hashlib.sha256(data).hexdigest()


def cache_key(url):
    return hashlib.sha1(url.encode(), usedforsecurity=False).hexdigest()
