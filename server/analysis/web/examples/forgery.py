"""Small projects that show forged requests: bad ones by rule, and good ones. Data."""

from collections.abc import Mapping

from server.analysis.project import Files

BAD: Mapping[str, tuple[Files, ...]] = {
    "no-csrf-protection": (
        {
            "app.py": """\
from flask import Flask, abort, request, redirect, session
from models import db, User
app = Flask(__name__)

@app.route('/email', methods=['GET', 'POST'])
def change_email():
    if 'user_id' not in session:
        return redirect('/login')
    user = User.query.get(session['user_id'])
    user.email = request.form['email']
    db.session.commit()
    return redirect('/profile')
""",
        },
    ),
    "csrf-exempt": (
        {
            "shop/views.py": """\
from django.views.decorators.csrf import csrf_exempt
from django.http import JsonResponse

@csrf_exempt
def update_email(request):
    request.user.email = request.POST['email']
    request.user.save()
    return JsonResponse({})
""",
            "shop/urls.py": """\
from django.urls import path
from . import views
urlpatterns = [path('email/', views.update_email)]
""",
        },
    ),
    "change-by-get": (
        {
            "app.py": """\
from flask import Flask, abort, request, redirect, session
from models import db, Note
app = Flask(__name__)

@app.route('/notes/<int:note_id>/delete')
def remove(note_id):
    note = Note.query.get_or_404(note_id)
    if note.user_id != session['user_id']:
        abort(403)
    db.session.delete(note)
    db.session.commit()
    return redirect('/')
""",
        },
    ),
}

GOOD: tuple[Files, ...] = (
    {
        "shop/views.py": """\
from django.views.decorators.csrf import csrf_exempt
from django.http import JsonResponse
from shop.access import key_and_ip_auth

@key_and_ip_auth
@csrf_exempt
def archive(request):
    Message.objects.create(text=request.POST['text'])
    return JsonResponse({})
""",
        "shop/urls.py": """\
from django.urls import path
from . import views
urlpatterns = [path('archive/', views.archive)]
""",
    },
    {
        "app.py": """\
from flask import Flask, abort, request, redirect, session
from models import db, User
app = Flask(__name__)

@app.route('/email', methods=['GET', 'POST'])
def change_email():
    if 'user_id' not in session:
        return redirect('/login')
    user = User.query.get(session['user_id'])
    user.email = request.form['email']
    db.session.commit()
    return redirect('/profile')
""",
        "extensions.py": """\
from flask_wtf.csrf import CSRFProtect
csrf = CSRFProtect()
""",
    },
    {
        "shop/views.py": """\
import hmac
from django.views.decorators.csrf import csrf_exempt
from django.http import JsonResponse, HttpResponseForbidden

@csrf_exempt
def payment_webhook(request):
    if not hmac.compare_digest(request.headers['X-Signature'], sign(request.body)):
        return HttpResponseForbidden()
    return JsonResponse({})
""",
        "shop/urls.py": """\
from django.urls import path
from . import views
urlpatterns = [path('hook/', views.payment_webhook)]
""",
    },
    {
        "app.py": """\
from flask import Flask, abort, request, redirect, session
from flask_wtf.csrf import CSRFProtect
from models import db, Note
app = Flask(__name__)
CSRFProtect(app)

@app.route('/notes/<int:note_id>/delete', methods=['POST'])
def remove(note_id):
    note = Note.query.get_or_404(note_id)
    if note.user_id != session['user_id']:
        abort(403)
    db.session.delete(note)
    db.session.commit()
    return redirect('/')
""",
    },
)
