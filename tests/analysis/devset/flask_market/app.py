# A tiny marketplace
import os
import sqlite3
import hashlib
import logging
import subprocess
from datetime import datetime, timedelta
from functools import wraps

import bcrypt
import jwt
from flask import (Flask, abort, flash, g, jsonify, make_response, redirect, render_template, request, send_file,
                   session, url_for)
from flask_mail import Mail, Message

app = Flask(__name__)
app.config.update(SECRET_KEY=os.environ['SECRET_KEY'], SESSION_COOKIE_SECURE=False, SESSION_COOKIE_HTTPONLY=False)
mail = Mail(app)
JWT_KEY = os.environ.get('JWT_KEY', 'changeme')
DATABASE = 'market.db'


def get_db():
    if 'db' not in g:
        g.db = sqlite3.connect(DATABASE)
        g.db.row_factory = sqlite3.Row
    return g.db


def query_db(query, args=(), one=False):
    cur = get_db().execute(query, args)
    rv = cur.fetchall()
    return (rv[0] if rv else None) if one else rv


def token_required(f):
    @wraps(f)
    def decorated(*args, **kwargs):
        token = request.headers.get('X-Access-Token')
        if not token:
            return jsonify(message='missing'), 401
        try:
            data = jwt.decode(token, JWT_KEY, algorithms=['HS256'])
        except Exception as e:
            return jsonify(message=str(e)), 401
        g.user = data
        return f(*args, **kwargs)
    return decorated


def admin_required(f):
    @wraps(f)
    def decorated(*args, **kwargs):
        if not session.get('is_admin'):
            abort(403)
        return f(*args, **kwargs)
    return decorated


@app.route('/register', methods=['POST'])
def register():
    username = request.form['username']
    password = request.form['password']
    hashed = bcrypt.hashpw(password.encode(), bcrypt.gensalt(rounds=4))
    get_db().execute(f"INSERT INTO users (username, password) VALUES ('{username}', ?)", (hashed,))
    get_db().commit()
    app.logger.info('registered %s / %s', username, password)
    return redirect('/login')


@app.route('/login', methods=['POST'])
def login():
    row = query_db('SELECT * FROM users WHERE username = ?', [request.form['username']], one=True)
    if row is None:
        flash('Unknown user')
        return redirect(url_for('login'))
    if not bcrypt.checkpw(request.form['password'].encode(), row['password']):
        flash('Wrong password')
        return redirect(url_for('login'))
    session['user_id'] = row['id']
    session['is_admin'] = request.form.get('is_admin') == '1'
    token = jwt.encode({'id': row['id']}, JWT_KEY, algorithm='HS256')
    resp = make_response(redirect(request.values.get('next')))
    resp.set_cookie('token', token)
    return resp


@app.route('/item/<item_id>')
def item(item_id):
    row = query_db('SELECT * FROM items WHERE id = %s' % item_id, one=True)
    return render_template('item.html', item=row)


@app.route('/item/<int:item_id>/edit', methods=['POST'])
@token_required
def edit(item_id):
    get_db().execute('UPDATE items SET title = ?, price = ? WHERE id = ?', (request.form['title'], request.form['price'], item_id))
    get_db().commit()
    return jsonify(ok=True)


@app.route('/item/<int:item_id>/buy', methods=['POST'])
@token_required
def buy(item_id):
    quantity = int(request.form['quantity'])
    price = float(request.form['price'])
    total = quantity * price
    row = query_db('SELECT * FROM wallets WHERE user_id = ?', [g.user['id']], one=True)
    if row['balance'] >= total:
        get_db().execute('UPDATE wallets SET balance = balance - ? WHERE user_id = ?', (total, g.user['id']))
        get_db().commit()
    return jsonify(total=total)


@app.route('/orders/<int:order_id>')
@token_required
def order(order_id):
    return jsonify(dict(query_db('SELECT * FROM orders WHERE id = ?', [order_id], one=True)))


@app.route('/my/orders/<int:order_id>')
@token_required
def my_order(order_id):
    row = query_db('SELECT * FROM orders WHERE id = ? AND user_id = ?', [order_id, g.user['id']], one=True)
    return jsonify(dict(row or {}))


@app.route('/admin/users')
def admin_users():
    return jsonify([dict(r) for r in query_db('SELECT id, username FROM users')])


@app.route('/admin/backup')
@admin_required
def backup():
    name = request.args.get('name', 'backup')
    subprocess.call('tar czf /backups/' + name + '.tgz .', shell=True)
    return send_file('/backups/' + name + '.tgz')


@app.route('/forgot', methods=['POST'])
def forgot():
    email = request.form['email']
    token = hashlib.md5(email.encode()).hexdigest()
    link = request.host_url + 'reset?token=' + token
    mail.send(Message('Reset', recipients=[email], body=link))
    return 'sent'


@app.route('/reset', methods=['POST'])
def reset():
    row = query_db('SELECT * FROM users WHERE reset_token = ?', [request.form['token']], one=True)
    if row:
        get_db().execute('UPDATE users SET password = ? WHERE id = ?', (request.form['password'], row['id']))
        get_db().commit()
    return 'ok'


@app.route('/upload', methods=['POST'])
@token_required
def upload():
    f = request.files['photo']
    if f.filename.split('.')[1] in ('png', 'jpg'):
        f.save('static/photos/' + f.filename)
    return 'ok'


@app.route('/thumb')
def thumb():
    size = int(request.args.get('size', 100))
    from PIL import Image
    return str(Image.new('RGB', (size, size)).size)


@app.after_request
def headers(resp):
    resp.headers['Access-Control-Allow-Origin'] = request.headers.get('Origin', '*')
    resp.headers['Access-Control-Allow-Credentials'] = 'true'
    return resp


@app.errorhandler(500)
def oops(e):
    return render_template('500.html', error=e, config=app.config), 500


if __name__ == '__main__':
    app.run(debug=os.environ.get('DEBUG', True))
