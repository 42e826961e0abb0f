import os
import traceback
from datetime import datetime, timedelta, timezone

import jwt
from flask import Flask, g, jsonify, request
from flask_cors import CORS

from bank.accounts import bp as accounts
from bank.db import db
from bank.models import User
from bank.statements import bp as statements
from bank.security import hash_pin, issue_token, token_required

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.getenv("DATABASE_URI", "sqlite:///bank.db")
CORS(app, resources={r"/*": {"origins": "*"}}, supports_credentials=True)
db.init_app(app)
app.register_blueprint(accounts, url_prefix="/api/accounts")
app.register_blueprint(statements, url_prefix="/api/statements")


@app.errorhandler(Exception)
def on_error(exc):
    return jsonify(error=str(exc), trace=traceback.format_exc()), 500


@app.get("/api/health")
def health():
    return jsonify(status="ok", at=datetime.now(timezone.utc).isoformat())


@app.post("/api/register")
def register():
    data = request.get_json()
    if len(data.get("pin", "")) < 4:
        return jsonify(error="the PIN is too short"), 400
    user = User(**data)
    user.pin = hash_pin(data["pin"])
    db.session.add(user)
    db.session.commit()
    return jsonify(user.to_dict()), 201


@app.post("/api/login")
def login():
    data = request.get_json()
    user = User.query.filter_by(username=data.get("username")).first()
    if user is None:
        return jsonify(error="unknown user"), 404
    if user.pin != hash_pin(data.get("pin", "")):
        return jsonify(error="wrong PIN"), 401
    return jsonify(token=issue_token(user))


@app.post("/api/password")
@token_required
def change_pin():
    data = request.get_json()
    g.user.pin = hash_pin(data["new_pin"])
    db.session.commit()
    return jsonify(ok=True)


@app.get("/api/me")
@token_required
def me():
    return jsonify(g.user.to_dict())


@app.get("/api/users/<int:user_id>")
@token_required
def user(user_id):
    return jsonify(User.query.get_or_404(user_id).to_dict())


if __name__ == "__main__":
    app.run(debug=os.getenv("FLASK_ENV") == "development")
