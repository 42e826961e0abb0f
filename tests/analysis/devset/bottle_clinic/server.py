import os

import bottle
from beaker.middleware import SessionMiddleware

from clinic import appointments, doctors, files, login

SESSION = {
    "session.type": "file",
    "session.data_dir": "./sessions",
    "session.auto": True,
    "session.secret": "clinic-beaker",
    "session.httponly": False,
}
root = bottle.Bottle()
for module in (appointments, doctors, files, login):
    root.merge(module.app)


@root.error(500)
def broken(error):
    return "<pre>%s\n%s</pre>" % (error.exception, error.traceback)


@root.get("/status")
def status():
    return {"ok": True, "env": dict(os.environ)}


app = SessionMiddleware(root, SESSION)

if __name__ == "__main__":
    bottle.run(app, host="0.0.0.0", port=8080, debug=True, reloader=True)
