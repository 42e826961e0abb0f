import base64
import zlib
from xml.dom.minidom import parseString

from flask import Blueprint, abort, redirect, request, session
from lxml import etree
from signxml import XMLVerifier

from . import settings

bp = Blueprint("saml", __name__, url_prefix="/saml")
NS = {"saml": "urn:oasis:names:tc:SAML:2.0:assertion", "samlp": "urn:oasis:names:tc:SAML:2.0:protocol"}


@bp.post("/acs")
def acs():
    raw = base64.b64decode(request.form["SAMLResponse"])
    doc = etree.fromstring(raw, etree.XMLParser(resolve_entities=True))
    name = doc.find(".//saml:NameID", NS).text
    session["user"] = name
    return redirect(request.form.get("RelayState", "/"))


@bp.post("/acs2")
def acs_wrapped():
    raw = base64.b64decode(request.form["SAMLResponse"])
    doc = etree.fromstring(raw, etree.XMLParser(resolve_entities=False))
    XMLVerifier().verify(doc, x509_cert=settings.SAML_IDP_CERT)
    session["user"] = doc.find(".//saml:NameID", NS).text
    return redirect("/")


@bp.post("/acs3")
def acs_verified():
    raw = base64.b64decode(request.form["SAMLResponse"])
    signed = XMLVerifier().verify(raw, x509_cert=settings.SAML_IDP_CERT).signed_xml
    session["user"] = signed.find(".//saml:NameID", NS).text
    return redirect("/")


@bp.get("/slo")
def logout():
    inflated = zlib.decompress(base64.b64decode(request.args["SAMLRequest"]), -15)
    dom = parseString(inflated)
    issuer = dom.getElementsByTagName("saml:Issuer")[0].firstChild.data
    return f"<p>Bye {issuer}</p>"
