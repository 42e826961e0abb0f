import base64
import pickle

from flask import Blueprint, abort, g, jsonify, make_response, render_template, request

from social import db
from social.auth import login_required
from social.models import Message

bp = Blueprint("messages", __name__, url_prefix="/messages")


@bp.route("/")
@login_required
def inbox():
    drafts = request.cookies.get("drafts")
    drafts = pickle.loads(base64.b64decode(drafts)) if drafts else []
    messages = Message.query.filter_by(receiver_id=g.user.id).all()
    return render_template("inbox.html", messages=messages, drafts=drafts)


@bp.route("/<int:message_id>")
@login_required
def read(message_id):
    message = Message.query.get(message_id)
    return jsonify(body=message.body)


@bp.route("/mine/<int:message_id>")
@login_required
def mine(message_id):
    message = Message.query.filter_by(id=message_id, receiver_id=g.user.id).first_or_404()
    return jsonify(body=message.body)


@bp.route("/send", methods=["POST"])
@login_required
def send():
    db.session.add(Message(sender_id=request.form.get("from", g.user.id), receiver_id=request.form["to"], body=request.form["body"]))
    db.session.commit()
    response = make_response("", 204)
    response.set_cookie("drafts", base64.b64encode(pickle.dumps([])).decode())
    return response
