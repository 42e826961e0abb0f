"""Small projects that show attempts without end: bad ones by rule, and good ones. Data."""

from collections.abc import Mapping

from server.analysis.project import Files

_RESET = """\
from rest_framework.decorators import api_view
from rest_framework.response import Response

@api_view(['POST'])
def reset(request):
    person = Person.objects.filter(email=request.data['email']).first()
    if person.reset_code == request.data['code']:
        person.set_password(request.data['password'])
        person.save()
    return Response({'ok': True})
"""

BAD: Mapping[str, tuple[Files, ...]] = {
    "unlimited-attempts": (
        {"api.py": _RESET},
        {
            "app.py": """\
from flask import Flask, request, session, redirect
from models import User
app = Flask(__name__)

@app.route('/login', methods=['GET', 'POST'])
def login():
    if request.method == 'POST':
        user = User.query.filter_by(username=request.form['username']).first()
        if user and user.check_password(request.form['password']):
            session['user_id'] = user.id
            return redirect('/')
    return 'no', 401
""",
        },
        {
            "api.py": """\
from fastapi import FastAPI, HTTPException
import jwt
app = FastAPI()

@app.post('/token')
def token(form: OAuth2PasswordRequestForm):
    user = find(form.username)
    if not verify(form.password, user.hashed_password):
        raise HTTPException(status_code=401)
    return jwt.encode({'sub': user.id, 'exp': soon()}, KEY, algorithm='HS256')
""",
        },
        {
            "api.py": """\
from fastapi import FastAPI, HTTPException
app = FastAPI()

@app.post('/verify')
def verify(email: str, code: str):
    if codes.get(email) != code:
        raise HTTPException(status_code=401)
    return {'ok': True}
""",
        },
    ),
}

GOOD: tuple[Files, ...] = (
    {
        "api.py": """\
from fastapi import FastAPI, HTTPException
app = FastAPI()

@app.post('/coupons/check')
def check(coupon: str, country: str):
    if coupon not in known(country):
        raise HTTPException(status_code=404)
    return {'ok': True}
""",
    },
    {
        "app.py": """\
from flask import Flask, request, session, redirect
from models import User
app = Flask(__name__)

@app.route('/login', methods=['GET', 'POST'])
def login():
    if request.method == 'POST':
        user = User.query.filter_by(username=request.form['username']).first()
        if user and user.check_password(request.form['password']):
            session['user_id'] = user.id
            return redirect('/')
    return 'no', 401
""",
        "limits.py": """\
from flask_limiter import Limiter
limiter = Limiter(app, default_limits=['5 per minute'])
""",
    },
    {
        "app.py": """\
from flask import Flask, request, session, redirect
from models import User
app = Flask(__name__)

@app.route('/login', methods=['GET', 'POST'])
def login():
    if failed_attempts(request.remote_addr) > 5:
        return 'wait', 429
    if request.method == 'POST':
        user = User.query.filter_by(username=request.form['username']).first()
        if user and user.check_password(request.form['password']):
            session['user_id'] = user.id
            return redirect('/')
    return 'no', 401
""",
    },
)
