"""Small programs in which a hostile value arrives, and the same made safe. Data."""

from server.analysis.project import Files
from server.analysis.rule import Rule
from server.analysis.rules import SQL_FROM_TEXT

BAD: tuple[tuple[Rule, Files], ...] = (
    (
        SQL_FROM_TEXT,
        {
            "shop/views.py": (
                "from flask import Flask, request\n"
                "from shop.db import find_user\n"
                "app = Flask(__name__)\n\n\n"
                '@app.route("/user")\n'
                "def user():\n"
                '    return str(find_user(request.args["name"]))\n'
            ),
            "shop/db.py": (
                "import sqlite3\n"
                'connection = sqlite3.connect("shop.db")\n\n\n'
                "def find_user(name):\n"
                "    query = f\"SELECT * FROM users WHERE name = '{name}'\"\n"
                "    return connection.execute(query).fetchone()\n"
            ),
        },
    ),
)

GOOD: tuple[Files, ...] = (
    {
        "shop/views.py": (
            "from flask import Flask, request\n"
            "from shop.db import find_user\n"
            "app = Flask(__name__)\n\n\n"
            '@app.route("/user")\n'
            "def user():\n"
            '    return str(find_user(request.args["name"]))\n'
        ),
        "shop/db.py": (
            "import sqlite3\n"
            'connection = sqlite3.connect("shop.db")\n\n\n'
            "def find_user(name):\n"
            '    return connection.execute("SELECT * FROM users WHERE name = ?", (name,)).fetchone()\n'
        ),
    },
)
