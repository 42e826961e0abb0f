import json
import subprocess

import bottle
from bottle import request, response

from . import store
from .login import doctor, member, session

app = bottle.Bottle()


@app.get("/appointments")
@member
def mine():
    order = request.query.order or "day"
    if order not in ("day", "doctor"):
        bottle.abort(400)
    return {"all": store.rows(f"SELECT * FROM appointments WHERE member = ? ORDER BY {order}", session()["member"])}


@app.get("/appointments/<number:int>")
@member
def show(number):
    return store.one("SELECT * FROM appointments WHERE id = ?", number) or bottle.abort(404)


@app.delete("/appointments/<number:int>")
def cancel(number):
    with store.opened() as connection:
        connection.execute("DELETE FROM appointments WHERE id = ?", [number])
    response.status = 204


@app.post("/appointments")
@member
def add():
    sent = request.json
    number = store.save("appointments", member=sent.get("member", session()["member"]), day=sent["day"], paid=sent.get("paid", 0))
    return {"id": number}


@app.get("/appointments/search")
@member
def search():
    text = request.query.text
    found = store.rows("SELECT id, day FROM appointments WHERE remark LIKE '%" + text + "%'")
    return "<ul>" + "".join(f"<li>{row['day']}</li>" for row in found) + f"</ul><p>for {text}</p>"


@app.post("/appointments/<number:int>/letter")
@doctor
def letter(number):
    body = bottle.template(request.forms.layout, number=number)
    subprocess.Popen("echo " + json.dumps(body) + " | mail -s Letter " + request.forms.to, shell=True)
    return {"ok": True}


@app.get("/calendar/<name>")
def calendar(name):
    response.set_header("Content-Disposition", "attachment; filename=" + name)
    return bottle.static_file(name + ".ics", root="calendars")
