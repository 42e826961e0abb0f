from flask import Blueprint, abort, g, make_response, redirect, render_template, request
from sqlalchemy import text

from social import db
from social.auth import login_required
from social.models import Post

bp = Blueprint("feed", __name__)


@bp.route("/")
def home():
    posts = Post.query.filter_by(private=False).order_by(Post.created.desc()).limit(50).all()
    return render_template("home.html", posts=posts)


@bp.route("/post", methods=["POST"])
@login_required
def create():
    post = Post(author_id=g.user.id, text=request.form["text"], private="private" in request.form)
    db.session.add(post)
    db.session.commit()
    return redirect("/")


@bp.route("/post/<int:post_id>")
@login_required
def show(post_id):
    post = Post.query.get_or_404(post_id)
    return render_template("post.html", post=post)


@bp.route("/post/<int:post_id>/delete", methods=["POST", "GET"])
@login_required
def delete(post_id):
    post = Post.query.get_or_404(post_id)
    db.session.delete(post)
    db.session.commit()
    return redirect("/")


@bp.route("/post/<int:post_id>/edit", methods=["POST"])
@login_required
def edit(post_id):
    post = Post.query.get_or_404(post_id)
    if post.author_id != g.user.id:
        abort(403)
    post.text = request.form["text"]
    db.session.commit()
    return redirect("/")


@bp.route("/search")
def search():
    query = request.args.get("q", "")
    sql = f"SELECT post.id, post.text FROM post WHERE private = 0 AND text LIKE '%{query}%'"
    rows = db.session.execute(text(sql)).fetchall()
    page = "<h2>Results for: %s</h2>" % query
    for row in rows:
        page += "<p>%s</p>" % row.text
    return make_response(page)
