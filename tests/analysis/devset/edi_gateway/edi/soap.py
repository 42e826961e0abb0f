import logging
import os
import subprocess

from lxml import etree
from spyne import Application, ComplexModel, Integer, ServiceBase, Unicode, rpc
from spyne.protocol.soap import Soap11
from spyne.server.wsgi import WsgiApplication
from zeep import Client
from zeep.wsse.username import UsernameToken

from .parsing import parse_lxml
from .store import orders_of, run_query

log = logging.getLogger("edi")


class OrderService(ServiceBase):
    @rpc(Unicode, _returns=Unicode)
    def status(ctx, number):
        rows = run_query("SELECT status FROM orders WHERE number = '%s'" % number)
        return rows[0][0] if rows else "unknown"

    @rpc(Unicode, Unicode, _returns=Unicode)
    def report(ctx, kind, fmt):
        return subprocess.getoutput("/opt/edi/report %s --format %s" % (kind, fmt))

    @rpc(Unicode, _returns=Unicode)
    def document(ctx, name):
        with open(os.path.join("/srv/edi/docs", name)) as f:
            return f.read()

    @rpc(Integer, _returns=Unicode)
    def order(ctx, ident):
        return str(orders_of(ident))


def partner_call(wsdl, user):
    client = Client(wsdl, wsse=UsernameToken(user, "p4rtner-pw"))
    return client.service.Ping()


application = WsgiApplication(Application([OrderService], "edi.orders", in_protocol=Soap11(), out_protocol=Soap11()))
