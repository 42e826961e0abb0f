import os

SAML_IDP_CERT = os.environ.get("SAML_IDP_CERT", "")
PARTNER_KEY = os.environ["PARTNER_KEY"]
ARCHIVE = "/srv/edi/archive"
SFTP = {"host": "sftp.partner.example", "user": "edi", "password": "edi2019!"}
AES_KEY = b"0123456789abcdef"
AES_IV = b"\x00" * 16
