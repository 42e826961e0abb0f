"""Small projects that show what a login tells about accounts: bad ones by rule, and good ones. Data."""

from collections.abc import Mapping

from server.analysis.project import Files

_LOGIN = """\
from flask import Flask, request, session
from flask_limiter import Limiter
from flask_wtf.csrf import CSRFProtect
from models import User
app = Flask(__name__)

@app.route('/login', methods=['POST'])
def login():
    user = User.query.filter_by(username=request.form['username']).first()
    if user is None:
        return '{unknown}', 401
    if not user.check_password(request.form['password']):
        return '{wrong}', 401
    session['user_id'] = user.id
    return 'ok'
"""

BAD: Mapping[str, tuple[Files, ...]] = {
    "user-enumeration": (
        {
            "api.py": """\
from litestar import Response, post

@post("/login")
async def login(data: Credentials) -> Response:
    row = await find(data.name)
    if row is None:
        return Response({"error": "unknown dog"}, status_code=401)
    if not check_password(data.password, row["password"]):
        return Response({"error": "wrong password"}, status_code=401)
    return enter(row)
""",
        },
        {"app.py": _LOGIN.format(unknown="User not found", wrong="Wrong password")},
        {
            "api.py": """\
from fastapi import FastAPI, Form, HTTPException
from models import User
app = FastAPI()

@app.post('/token')
def token(name: str = Form(), password: str = Form()):
    user = User.named(name)
    if user is None:
        raise HTTPException(404, f'user {name} does not exist')
    if not verify(password, user.hashed):
        raise HTTPException(401, 'wrong password')
    return {'token': made(user)}
""",
        },
        {
            "app.py": """\
from flask import Flask, request, redirect
from models import User
app = Flask(__name__)

@app.route('/forgot', methods=['POST'])
def forgot_password():
    user = User.query.filter_by(email=request.form['email']).first()
    if not user:
        return 'No account with that e-mail address'
    send_reset(user)
    return redirect('/')
""",
        },
    ),
}

GOOD: tuple[Files, ...] = (
    {
        "api.py": """\
from litestar import Response, post

@post("/login")
@limiter.limit("5/minute")
async def login(data: Credentials) -> Response:
    row = await find(data.name)
    if row is None:
        return Response({"error": "wrong name or password"}, status_code=401)
    if not check_password(data.password, row["password"]):
        return Response({"error": "wrong name or password"}, status_code=401)
    return enter(row)
""",
    },
    {
        "app.py": _LOGIN.format(
            unknown="Invalid username or password",
            wrong="Invalid username or password",
        ),
    },
)
