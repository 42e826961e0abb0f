from decimal import Decimal

from flask import Blueprint, g, jsonify, request
from sqlalchemy import text

from bank.db import db
from bank.models import Account, Transfer
from bank.security import token_required

bp = Blueprint("accounts", __name__)


@bp.get("/")
@token_required
def list_accounts():
    return jsonify([account.to_dict() for account in g.user.accounts])


@bp.get("/<int:account_id>")
@token_required
def show(account_id):
    account = Account.query.get_or_404(account_id)
    return jsonify(account.to_dict())


@bp.post("/")
@token_required
def open_account():
    count = Account.query.filter_by(user_id=g.user.id).count()
    account = Account(user_id=g.user.id, number=f"DE{g.user.id:08d}{count:02d}")
    db.session.add(account)
    db.session.commit()
    return jsonify(account.to_dict()), 201


@bp.post("/transfer")
@token_required
def transfer():
    data = request.get_json()
    source = Account.query.filter_by(number=data["from"], user_id=g.user.id).first_or_404()
    target = Account.query.filter_by(number=data["to"]).first_or_404()
    amount = Decimal(str(data["amount"]))
    if source.balance < amount:
        return jsonify(error="not enough money"), 409
    source.balance = source.balance - amount
    target.balance = target.balance + amount
    db.session.add(Transfer(source_id=source.id, target_id=target.id, amount=amount, note=data.get("note", "")))
    db.session.commit()
    return jsonify(source.to_dict())


@bp.get("/search")
@token_required
def search():
    q = request.args.get("q", "")
    where = "note LIKE '%{}%'".format(q)
    rows = db.session.execute(text("SELECT id, amount, note FROM transfer WHERE " + where))
    return jsonify([dict(row._mapping) for row in rows])


@bp.delete("/<int:account_id>")
def close(account_id):
    account = Account.query.get_or_404(account_id)
    db.session.delete(account)
    db.session.commit()
    return "", 204


@bp.post("/<int:account_id>/limit")
@token_required
def set_limit(account_id):
    account = Account.query.get_or_404(account_id)
    if account.user_id != g.user.id:
        return jsonify(error="not yours"), 403
    account.limit = Decimal(request.get_json()["limit"])
    db.session.commit()
    return jsonify(ok=True)
