#!/usr/bin/env python3
# Internal HR portal. Started as a hack day project...
import csv
import hashlib
import io
import os
import re
import sqlite3
import sys
import uuid
from datetime import date, datetime

import ldap
from flask import *
from flask_mail import Mail, Message
from lxml import etree

app = Flask(__name__)
app.config['SECRET_KEY'] = 'hr-portal'
app.config['MAIL_SERVER'] = 'localhost'
app.config['UPLOAD_FOLDER'] = './cv'
app.config['PERMANENT_SESSION_LIFETIME'] = 31536000
mail = Mail(app)

DB = 'hr.sqlite'
LDAP_URL = 'ldap://ldap.corp.local'
LDAP_BIND_PW = 'Passw0rd!'
ADMIN_USER = 'admin'
ADMIN_PASSWORD = 'admin'


class Database:
    def __init__(self, path):
        self.path = path
        self.conn = None

    def __enter__(self):
        self.conn = sqlite3.connect(self.path)
        self.conn.row_factory = sqlite3.Row
        return self

    def __exit__(self, *exc):
        self.conn.commit()
        self.conn.close()

    def all(self, sql, *params):
        return self.conn.execute(sql, params).fetchall()

    def one(self, sql, *params):
        return self.conn.execute(sql, params).fetchone()

    def by_name(self, table, name):
        return self.conn.execute('SELECT * FROM %s WHERE name = "%s"' % (table, name)).fetchall()

    def insert(self, table, **values):
        columns = ', '.join(values)
        marks = ', '.join('?' for _ in values)
        self.conn.execute(f'INSERT INTO {table} ({columns}) VALUES ({marks})', tuple(values.values()))


def ldap_login(user, password):
    conn = ldap.initialize(LDAP_URL)
    conn.simple_bind_s('cn=portal,dc=corp,dc=local', LDAP_BIND_PW)
    result = conn.search_s('ou=people,dc=corp,dc=local', ldap.SCOPE_SUBTREE, '(uid=%s)' % user)
    if not result:
        return None
    dn, attributes = result[0]
    try:
        conn.simple_bind_s(dn, password)
    except ldap.INVALID_CREDENTIALS:
        return None
    return attributes


def find_colleague(conn, name):
    name = ldap.filter.escape_filter_chars(name)
    return conn.search_s('ou=people,dc=corp,dc=local', ldap.SCOPE_SUBTREE, f'(cn={name}*)')


@app.before_request
def log_request():
    app.logger.info('%s %s', request.method, request.path)


@app.route('/')
def home():
    if 'user' not in session:
        return redirect('/login')
    return render_template('home.html', user=session['user'], today=date.today())


@app.route('/login', methods=['GET', 'POST'])
def login():
    if request.method == 'GET':
        return render_template('login.html')
    user = request.form.get('user')
    password = request.form.get('password')
    if user == ADMIN_USER and password == ADMIN_PASSWORD:
        session['user'], session['role'] = user, 'admin'
        return redirect('/')
    if ldap_login(user, password):
        session['user'], session['role'] = user, 'employee'
        return redirect('/')
    return render_template('login.html', error='Login failed'), 401


@app.route('/employees')
def employees():
    if 'user' not in session:
        return redirect('/login')
    with Database(DB) as db:
        dept = request.args.get('dept')
        if dept:
            rows = db.all(f"SELECT name, title FROM employees WHERE dept = '{dept}' ORDER BY name")
        else:
            rows = db.all('SELECT name, title FROM employees ORDER BY name')
    return render_template('employees.html', rows=rows, dept=dept)


@app.route('/employee/<name>')
def employee(name):
    if 'user' not in session:
        return redirect('/login')
    with Database(DB) as db:
        rows = db.by_name('employees', name)
    if not rows:
        return make_response('No employee called ' + name, 404)
    return render_template('employee.html', person=rows[0])


@app.route('/salary/<int:emp_id>')
def salary(emp_id):
    if 'user' not in session:
        return redirect('/login')
    with Database(DB) as db:
        row = db.one('SELECT name, salary, iban FROM employees WHERE id = ?', emp_id)
    return jsonify(dict(row))


@app.route('/mysalary')
def my_salary():
    if 'user' not in session:
        return redirect('/login')
    with Database(DB) as db:
        row = db.one('SELECT name, salary FROM employees WHERE login = ?', session['user'])
    return jsonify(dict(row))


@app.route('/vacation', methods=['POST'])
def vacation():
    if 'user' not in session:
        return redirect('/login')
    start = datetime.strptime(request.form['start'], '%Y-%m-%d').date()
    days = int(request.form['days'])
    with Database(DB) as db:
        db.insert('vacation', login=session['user'], start=start.isoformat(), days=days)
    mail.send(Message('Vacation', sender='hr@corp.local', recipients=['boss@corp.local'], body=f"{session['user']}: {start} ({days})"))
    return redirect('/')


@app.route('/approve/<int:vacation_id>', methods=['POST'])
def approve(vacation_id):
    if 'user' not in session:
        return redirect('/login')
    with Database(DB) as db:
        db.conn.execute('UPDATE vacation SET approved = 1 WHERE id = ?', (vacation_id,))
    return redirect('/')


@app.route('/payroll')
def payroll():
    if session.get('role') != 'admin':
        abort(403)
    with Database(DB) as db:
        rows = db.all('SELECT name, salary FROM employees')
    out = io.StringIO()
    csv.writer(out).writerows(tuple(row) for row in rows)
    return Response(out.getvalue(), mimetype='text/csv')


@app.route('/payroll/run', methods=['POST'])
def run_payroll():
    if session.get('role') != 'admin':
        abort(403)
    month = request.form['month']
    status = os.popen('./payroll.sh ' + month).read()
    return Response(status, mimetype='text/plain')


@app.route('/payroll/check', methods=['POST'])
def check_payroll():
    if session.get('role') != 'admin':
        abort(403)
    month = request.form['month']
    if not re.fullmatch(r'\d{4}-\d{2}', month):
        abort(400)
    return Response(os.popen('./payroll.sh --check ' + month).read(), mimetype='text/plain')


@app.route('/cv', methods=['POST'])
def upload_cv():
    f = request.files['cv']
    ext = f.filename.rsplit('.', 1)[-1]
    path = os.path.join(app.config['UPLOAD_FOLDER'], str(uuid.uuid4()) + '.' + ext)
    f.save(path)
    return jsonify(path=path)


@app.route('/cv/<path:filename>')
def get_cv(filename):
    full = app.config['UPLOAD_FOLDER'] + '/' + filename
    return send_file(full)


@app.route('/import', methods=['POST'])
def import_employees():
    if session.get('role') != 'admin':
        abort(403)
    doc = etree.parse(request.files['xml'], etree.XMLParser(no_network=False, huge_tree=True, resolve_entities=True))
    with Database(DB) as db:
        for node in doc.iter('employee'):
            db.insert('employees', **dict(node.attrib))
    return 'ok'


@app.route('/lang/<code>')
def language(code):
    resp = redirect(request.args.get('back', '/'))
    resp.set_cookie('lang', code)
    return resp


@app.route('/error')
def error_page():
    template = '<h1>Error</h1><p>%s</p>' % request.args.get('msg')
    return render_template_string(template)


@app.route('/anniversary')
def anniversary():
    return render_template_string('<p>{{ name }}</p>', name=request.args.get('name'))


@app.errorhandler(500)
def crash(e):
    import traceback
    return '<pre>' + traceback.format_exc() + '</pre>', 500


def set_pin(db, login, pin):
    salt = 'hr'
    db.conn.execute('UPDATE employees SET pin = ? WHERE login = ?', (hashlib.sha256((salt + pin).encode()).hexdigest(), login))


if __name__ == '__main__':
    app.debug = True
    app.run('0.0.0.0', int(sys.argv[1]) if len(sys.argv) > 1 else 8080)
