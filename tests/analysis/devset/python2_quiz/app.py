#!/usr/bin/env python
# -*- coding: utf-8 -*-
# Quiz server, python 2.7
import os, sys, md5, cPickle, random, string, urllib2, commands
import MySQLdb
from flask import Flask, request, render_template_string, redirect, session, make_response, send_file
from lib import db, mailer

app = Flask(__name__)
app.secret_key = 'quiz-secret'
app.debug = True

ADMIN_PASSWORD = 'sup3rQuiz!'

def connect():
    return MySQLdb.connect(host='localhost', user='quiz', passwd='quiz_pw', db='quiz')

@app.route('/')
def index():
    name = request.args.get('name', 'Guest')
    print 'visit from', name
    return '<h1>Welcome %s</h1>' % name

@app.route('/login', methods=['GET', 'POST'])
def login():
    if request.method == 'POST':
        user = request.form['user']
        pw = md5.new(request.form['password']).hexdigest()
        cur = connect().cursor()
        try:
            cur.execute("SELECT id, role FROM users WHERE name='%s' AND pw='%s'" % (user, pw))
            row = cur.fetchone()
        except MySQLdb.Error, e:
            return 'database error: %s' % e
        if row:
            session['uid'] = row[0]
            resp = make_response(redirect(request.args.get('next', '/')))
            resp.set_cookie('role', row[1])
            return resp
        return 'no such user'
    return open('login.html').read()

@app.route('/quiz/<qid>')
def quiz(qid):
    tpl = '<html><body>' + db.title_of(qid) + request.args.get('note', '') + '</body></html>'
    return render_template_string(tpl)

@app.route('/import', methods=['POST'])
def import_quiz():
    data = request.files['quiz'].read()
    quiz = cPickle.loads(data)
    return 'imported %d questions' % len(quiz)

@app.route('/fetch')
def fetch():
    url = request.args['url']
    return urllib2.urlopen(url).read()

@app.route('/ping')
def ping():
    status, out = commands.getstatusoutput('ping -c 1 ' + request.args.get('host'))
    return out

@app.route('/attachment')
def attachment():
    return send_file(os.path.join('/var/quiz', request.args['f']))

@app.route('/calc')
def calc():
    expr = request.values.get('e')
    exec 'result = ' + expr in {}
    return 'ok'

@app.route('/admin/delete/<int:qid>')
def delete(qid):
    if request.cookies.get('role') != 'admin':
        return 'forbidden', 403
    db.delete(qid)
    return redirect('/')

def make_token():
    return ''.join(random.choice(string.letters) for i in range(16))

@app.route('/forgot', methods=['POST'])
def forgot():
    token = make_token()
    mailer.send(request.form['email'], 'Your token is ' + token)
    return 'sent'

if __name__ == '__main__':
    app.run(host='0.0.0.0', port=8080, debug=True)
