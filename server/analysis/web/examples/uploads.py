"""Small projects that show what becomes of uploaded files: bad ones by rule, and good ones. Data."""

from collections.abc import Mapping

from server.analysis.project import Files

BAD: Mapping[str, tuple[Files, ...]] = {
    "unchecked-upload": (
        {
            "app.py": """\
import os
from flask import Flask, request
app = Flask(__name__)

@app.route('/upload', methods=['POST'])
def upload():
    file = request.files['file']
    file.save(os.path.join('uploads', file.filename))
    return 'ok'
""",
        },
        {
            "api.py": """\
import shutil
from fastapi import FastAPI, UploadFile
api = FastAPI()

@api.post('/avatar')
async def avatar(file: UploadFile):
    with open('static/' + file.filename, 'wb') as out:
        shutil.copyfileobj(file.file, out)
""",
        },
        {
            "shop/views.py": """\
from django.core.files.storage import FileSystemStorage
from django.http import HttpResponse

def upload(request):
    sent = request.FILES['file']
    FileSystemStorage().save(sent.name, sent)
    return HttpResponse('ok')
""",
        },
    ),
}

GOOD: tuple[Files, ...] = (
    {
        "app.py": """\
import os, tempfile, uuid
from flask import Flask, request
app = Flask(__name__)

@app.route('/count', methods=['POST'])
def count():
    path = os.path.join(tempfile.gettempdir(), uuid.uuid4().hex)
    request.files['rows'].save(path)
    return str(rows_in(path))
""",
    },
    {
        "app.py": """\
import os
from flask import Flask, abort, request
from werkzeug.utils import secure_filename
app = Flask(__name__)
ALLOWED = {'.png', '.jpg'}

@app.route('/upload', methods=['POST'])
def upload():
    file = request.files['file']
    if os.path.splitext(file.filename)[1] not in ALLOWED:
        abort(400)
    file.save(os.path.join('uploads', secure_filename(file.filename)))
    return 'ok'
""",
    },
    {
        "api.py": """\
import csv, io
from fastapi import FastAPI, UploadFile
api = FastAPI()

@api.post('/rows')
async def rows(file: UploadFile):
    buffer = io.StringIO()
    buffer.write((await file.read()).decode())
    return len(list(csv.reader(buffer)))
""",
    },
)
