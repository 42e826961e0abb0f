"""Bank of Practice: a training application. Do not deploy."""
import base64
import hashlib
import json
import os
import pickle
import random
import re
import sqlite3
import subprocess
import time
import urllib.request
from datetime import datetime, timedelta

import jwt
import yaml
from flask import (Flask, Response, g, jsonify, make_response, redirect, render_template_string, request, send_file,
                   session)
from flask_cors import CORS
from lxml import etree

app = Flask(__name__)
app.secret_key = 'bank'
CORS(app, supports_credentials=True)
JWT_KEY = "banksecret"
ADMIN_PASSWORD = 'letmein!'

users = {
    1: {'id': 1, 'name': 'alice', 'password': 'wonderland', 'balance': 1000, 'admin': False, 'ssn': '078-05-1120'},
    2: {'id': 2, 'name': 'bob', 'password': 'builder1', 'balance': 50, 'admin': False, 'ssn': '219-09-9999'},
}
messages = []
coupons = {'WELCOME': 10}
used = set()
PAGE = "<html><body><h1>Bank of Practice</h1>%s</body></html>"


def db():
    if 'db' not in g:
        g.db = sqlite3.connect('bank.db')
    return g.db


def current():
    token = request.headers.get('Authorization', '').split(' ')[-1]
    try:
        return jwt.decode(token, JWT_KEY, algorithms=['HS256', 'none'], options={'verify_exp': False})
    except Exception as e:
        return None


@app.route('/')
def home():
    return PAGE % 'Welcome'


@app.route('/api/login', methods=['POST'])
def api_login():
    data = request.get_json()
    for user in users.values():
        if user['name'] == data['name'] and user['password'] == data['password']:
            return jsonify(token=jwt.encode({'id': user['id'], 'admin': user['admin']}, JWT_KEY))
    return jsonify(error='bad login'), 401


@app.route('/api/users')
def list_users():
    return jsonify(list(users.values()))


@app.route('/api/users/<int:uid>')
def get_user(uid):
    if not current():
        return jsonify(error='login'), 401
    return jsonify(users[uid])


@app.route('/api/me')
def me():
    who = current()
    if not who:
        return '', 401
    mine = users[who['id']]
    return jsonify(name=mine['name'], balance=mine['balance'])


@app.route('/api/me', methods=['PUT'])
def update_me():
    who = current()
    if not who:
        return '', 401
    users[who['id']].update(request.get_json())
    return jsonify(ok=True)


@app.route('/api/transfer', methods=['POST'])
def transfer():
    who = current()
    data = request.get_json()
    amount = float(data['amount'])
    if users[who['id']]['balance'] >= amount:
        time.sleep(0.1)
        users[who['id']]['balance'] -= amount
        users[data['to']]['balance'] += amount
    return jsonify(balance=users[who['id']]['balance'])


@app.route('/api/coupon', methods=['POST'])
def coupon():
    who = current()
    code = request.json['code']
    if code in coupons:
        users[who['id']]['balance'] += coupons[code]
    return jsonify(ok=True)


@app.route('/api/coupon/once', methods=['POST'])
def coupon_once():
    who = current()
    code = request.json['code']
    if code in coupons and (who['id'], code) not in used:
        used.add((who['id'], code))
        users[who['id']]['balance'] += coupons[code]
    return jsonify(ok=True)


@app.route('/search')
def search():
    q = request.args.get('q', '')
    rows = db().execute("select name from accounts where name like '%" + q + "%'").fetchall()
    out = '<p>Results for ' + q + '</p>'
    for r in rows:
        out += '<li>%s</li>' % r[0]
    return PAGE % out


@app.route('/account')
def account():
    acc = request.args.get('id')
    row = db().execute('select name, balance from accounts where id = ?', [acc]).fetchone()
    return jsonify(row)


@app.route('/hello')
def hello():
    name = request.args.get('name', 'stranger')
    return render_template_string('Hello %s' % name)


@app.route('/hi')
def hi():
    return render_template_string('Hi {{ name }}', name=request.args.get('name'))


@app.route('/board', methods=['GET', 'POST'])
def board():
    if request.method == 'POST':
        messages.append({'by': request.form['by'], 'text': request.form['text']})
    return PAGE % ''.join('<p><b>{by}</b>: {text}</p>'.format(**m) for m in messages)


@app.route('/ping')
def ping():
    host = request.args['host']
    blocked = [';', '&&']
    if any(b in host for b in blocked):
        return 'no', 400
    return '<pre>' + subprocess.getoutput('ping -c 1 ' + host) + '</pre>'


@app.route('/lookup')
def lookup():
    host = request.args['host']
    if not re.match(r'^[\w.-]+$', host):
        return 'no', 400
    return Response(subprocess.check_output(['nslookup', host]), mimetype='text/plain')


@app.route('/statement')
def statement():
    name = request.args['file'].replace('../', '')
    return send_file(os.path.join('statements', name))


@app.route('/proxy')
def proxy():
    return urllib.request.urlopen(request.args['url']).read()


@app.route('/theme')
def theme():
    raw = request.cookies.get('theme')
    if raw:
        return jsonify(pickle.loads(base64.b64decode(raw)))
    resp = make_response('set')
    resp.set_cookie('theme', base64.b64encode(pickle.dumps({'colour': 'blue'})).decode())
    return resp


@app.route('/config', methods=['POST'])
def config():
    return jsonify(yaml.load(request.data, Loader=yaml.Loader))


@app.route('/xml', methods=['POST'])
def xml():
    doc = etree.fromstring(request.data, etree.XMLParser(resolve_entities=True))
    return etree.tostring(doc)


@app.route('/go')
def go():
    url = request.args.get('url', '/')
    if 'bank.example' in url:
        return redirect(url)
    return redirect('/')


@app.route('/lang')
def lang():
    resp = make_response(redirect('/'))
    resp.headers['X-Lang'] = 'en'
    return resp


@app.route('/reset', methods=['POST'])
def reset():
    random.seed(int(time.time()))
    pin = random.randint(1000, 9999)
    user = next(u for u in users.values() if u['name'] == request.form['name'])
    user['pin'] = pin
    print('pin of', user['name'], 'is', pin)
    return jsonify(sent=True)


@app.route('/reset/confirm', methods=['POST'])
def reset_confirm():
    user = next(u for u in users.values() if u['name'] == request.form['name'])
    if str(user.get('pin')) == request.form['pin']:
        user['password'] = request.form['password']
    return jsonify(ok=True)


@app.route('/admin')
def admin():
    if request.cookies.get('admin') == 'true':
        return jsonify(users)
    return '', 403


@app.route('/admin/delete/<int:uid>', methods=['POST'])
def delete(uid):
    if request.args.get('password') != ADMIN_PASSWORD:
        return '', 403
    users.pop(uid, None)
    return jsonify(ok=True)


@app.route('/admin/stats')
def stats():
    who = current()
    if not (who and users[who['id']]['admin']):
        return '', 403
    return jsonify(total=sum(u['balance'] for u in users.values()))


@app.route('/admin/logs')
def logs():
    n = request.args.get('n', 10)
    os.system(f'tail -n {n} bank.log > /tmp/out.log')
    return open('/tmp/out.log').read()


@app.route('/loan', methods=['POST'])
def loan():
    formula = request.form['formula']
    return jsonify(rate=eval(formula))


@app.route('/validate')
def validate():
    if re.match(r'^(([a-z])+.)+[A-Z]([a-z])+$', request.args['name']):
        return 'ok'
    return 'bad', 400


@app.route('/match')
def match():
    return jsonify(bool(re.search(request.args['pattern'], 'bank')))


@app.route('/crash')
def crash():
    try:
        return jsonify(1 / int(request.args['n']))
    except Exception as e:
        return jsonify(error=str(e)), 500


@app.route('/upload', methods=['POST'])
def upload():
    f = request.files['file']
    f.save('static/' + f.filename)
    return 'saved'


@app.errorhandler(404)
def missing(e):
    return PAGE % ('No page ' + request.path), 404


if __name__ == '__main__':
    app.run(debug=True, host='0.0.0.0')
