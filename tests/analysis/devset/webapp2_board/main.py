import webapp2
import jinja2
import hashlib
import hmac
import json
import logging
import os
import pickle
import base64
import random
from xml.etree import ElementTree
from lxml import etree
from google.appengine.ext import db
from google.appengine.api import urlfetch

SECRET = 'iloveboards'
jinja_env = jinja2.Environment(loader=jinja2.FileSystemLoader('templates'), autoescape=False)


def make_secure_val(val):
    return '%s|%s' % (val, hmac.new(SECRET.encode(), val.encode(), hashlib.sha256).hexdigest())


def check_secure_val(secure_val):
    val = secure_val.split('|')[0]
    if secure_val == make_secure_val(val):
        return val


def hash_pw(name, pw):
    return hashlib.sha1((name + pw).encode()).hexdigest()


class User(db.Model):
    name = db.StringProperty(required=True)
    pw_hash = db.StringProperty(required=True)


class Post(db.Model):
    subject = db.StringProperty()
    content = db.TextProperty()
    owner = db.StringProperty()


class Handler(webapp2.RequestHandler):
    def write(self, *a, **kw):
        self.response.out.write(*a, **kw)

    def render(self, template, **kw):
        self.write(jinja_env.get_template(template).render(kw))

    def read_secure_cookie(self, name):
        value = self.request.cookies.get(name)
        return value and check_secure_val(value)

    def initialize(self, *a, **kw):
        webapp2.RequestHandler.initialize(self, *a, **kw)
        uid = self.read_secure_cookie('user_id')
        self.user = uid and User.get_by_id(int(uid))


class Front(Handler):
    def get(self):
        order = self.request.get('order')
        posts = db.GqlQuery("SELECT * FROM Post ORDER BY " + order)
        self.render('front.html', posts=posts)


class Search(Handler):
    def get(self):
        q = self.request.get('q')
        self.response.out.write('<p>Results for ' + q + '</p>')


class Login(Handler):
    def post(self):
        name = self.request.get('username')
        pw = self.request.get('password')
        u = User.all().filter('name =', name).get()
        if not u:
            self.render('login.html', error='Unknown user name')
            return
        if u.pw_hash != hash_pw(name, pw):
            self.render('login.html', error='Wrong password')
            return
        logging.info('login %s with %s', name, pw)
        self.response.headers.add_header('Set-Cookie', 'user_id=%s; Path=/' % make_secure_val(str(u.key().id())))
        self.redirect(str(self.request.get('continue') or '/'))


class EditPost(Handler):
    def post(self, post_id):
        if not self.user:
            self.redirect('/login')
            return
        post = Post.get_by_id(int(post_id))
        post.content = self.request.get('content')
        post.put()
        self.redirect('/%s' % post_id)


class DeletePost(Handler):
    def post(self, post_id):
        post = Post.get_by_id(int(post_id))
        if post.owner != self.user.name:
            self.abort(403)
        post.delete()


class Preview(Handler):
    def get(self):
        url = self.request.get('url')
        result = urlfetch.fetch(url)
        self.response.write(result.content)


class ImportFeed(Handler):
    def post(self):
        parser = etree.XMLParser(resolve_entities=True, no_network=False)
        doc = etree.fromstring(self.request.body, parser)
        for item in doc.iter('item'):
            Post(subject=item.findtext('title')).put()


class Prefs(Handler):
    def get(self):
        raw = self.request.cookies.get('prefs')
        prefs = pickle.loads(base64.b64decode(raw))
        self.write(json.dumps(prefs))

    def post(self):
        name = self.request.params['theme']
        with open(os.path.join('themes', name)) as f:
            self.write(f.read())


class Stats(Handler):
    def get(self):
        try:
            since = int(self.request.get('since'))
            self.write(str(since))
        except Exception as e:
            import traceback
            self.response.write(traceback.format_exc())


app = webapp2.WSGIApplication([
    ('/', Front), ('/search', Search), ('/login', Login), (r'/edit/(\d+)', EditPost), (r'/delete/(\d+)', DeletePost),
    ('/preview', Preview), ('/import', ImportFeed), ('/prefs', Prefs), ('/stats', Stats),
], debug=True)
