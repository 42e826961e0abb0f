"""Small projects that show how sessions begin and end: bad ones by rule, and good ones. Data."""

from collections.abc import Mapping

from server.analysis.project import Files

_LIMITS = "from flask_limiter import Limiter\nfrom flask_wtf.csrf import CSRFProtect\nlimiter = Limiter()\n"

_DJANGO_LOGIN = """\
from django.shortcuts import redirect
from axes.decorators import axes_dispatch
from .models import Member

@axes_dispatch
def log_in(request):
    member = Member.objects.get(name=request.POST['name'])
    if member.check(request.POST['password']):
{renew}        request.session['member_id'] = member.pk
    return redirect('/')
"""

BAD: Mapping[str, tuple[Files, ...]] = {
    "session-fixation": ({"club/views.py": _DJANGO_LOGIN.format(renew="")},),
    "session-not-ended": (
        {
            "app.py": """\
from flask import Flask, redirect, request, session
from models import User
app = Flask(__name__)

@app.route('/login', methods=['POST'])
def login():
    session['user_id'] = User.check(request.form['name'], request.form['password']).id
    return redirect('/')

@app.route('/logout')
def logout():
    return redirect('/')
""",
            "limits.py": _LIMITS,
        },
    ),
    "password-without-old": (
        {
            "app.py": """\
from flask import Flask, request
from flask_login import current_user, login_required
from models import db
app = Flask(__name__)

@app.route('/password', methods=['POST'])
@login_required
def change_password():
    current_user.set_password(request.form['password'])
    db.session.commit()
    return 'ok'
""",
            "limits.py": _LIMITS,
        },
    ),
    "reset-without-proof": (
        {
            "app.py": """\
from flask import Flask, request
from models import db, User
app = Flask(__name__)

@app.route('/reset', methods=['POST'])
def reset_password():
    user = User.query.filter_by(email=request.json['email']).first()
    user.set_password(request.json['password'])
    db.session.commit()
    return 'ok'
""",
        },
    ),
    "reset-link-host": (
        {
            "app.py": """\
from flask import Flask, request
from models import User
app = Flask(__name__)

@app.route('/forgot', methods=['POST'])
def forgot():
    user = User.query.filter_by(email=request.form['email']).first()
    if user:
        send_mail(user.email, 'http://' + request.headers['Host'] + '/reset/' + user.make_reset_token())
    return 'We have sent a mail'
""",
        },
    ),
}

GOOD: tuple[Files, ...] = (
    {
        "app.py": """\
from flask import Flask, request
from models import db, User
app = Flask(__name__)

@app.route('/reset', methods=['POST'])
def reset_password():
    user = User.of_token(request.json['token'])
    user.set_password(request.json['password'])
    db.session.commit()
    return 'ok'
""",
    },
    {"club/views.py": _DJANGO_LOGIN.format(renew="        request.session.cycle_key()\n")},
    {
        "app.py": """\
from flask import Flask, redirect, request, session
from flask_login import current_user, login_required
from models import db, User
app = Flask(__name__)

@app.route('/login', methods=['POST'])
def login():
    session['user_id'] = User.check(request.form['name'], request.form['password']).id
    return redirect('/')

@app.route('/logout', methods=['POST'])
def logout():
    session.clear()
    return redirect('/')

@app.route('/password', methods=['POST'])
@login_required
def change_password():
    if not current_user.check_password(request.form['old']):
        return 'no', 403
    current_user.set_password(request.form['password'])
    db.session.commit()
    return 'ok'
""",
        "limits.py": _LIMITS,
    },
)
