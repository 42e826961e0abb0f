from flask import Blueprint, Flask, jsonify, redirect, render_template, request, url_for
from flask_login import LoginManager, login_required
from flask_wtf.csrf import CSRFProtect

from swarm.environment import Environment
from swarm.runner import Runner


def create_app(environment: Environment, secret_key: str) -> Flask:
    app = Flask(__name__)
    app.config.update(SECRET_KEY=secret_key, SESSION_COOKIE_SECURE=True)
    CSRFProtect(app)
    LoginManager(app)
    runner = Runner(environment)
    views = Blueprint("views", __name__)

    @views.get("/")
    @login_required
    def index():
        return render_template("index.html", title=environment.options.title, workers=environment.workers.values())

    @views.post("/start")
    @login_required
    def start():
        environment.options.users = min(int(request.form["users"]), 10_000)
        environment.options.title = request.form.get("title", "")[:80]
        runner.start()
        return redirect(url_for("views.index"))

    @views.get("/stats")
    @login_required
    def stats():
        return jsonify({"title": environment.options.title, "stats": environment.stats, "workers": len(environment.workers)})

    @views.get("/logs/<int:number>")
    @login_required
    def logs(number: int):
        return jsonify(lines=runner.last_lines(number))

    app.register_blueprint(views)
    return app
