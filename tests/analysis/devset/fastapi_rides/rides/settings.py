import os

REDIS = os.getenv("REDIS", "redis://localhost")
MAPS_URL = os.getenv("MAPS_URL", "https://{server}.tiles.example")
MAIL_URL = os.getenv("MAIL_URL", "https://mail.example/send")
INSECURE = os.getenv("INSECURE", "1") == "1"
JWT = {"key": os.getenv("RIDES_JWT", "rides-and-shines"), "algorithm": "HS256"}
TOKEN_HOURS = 24 * 365
