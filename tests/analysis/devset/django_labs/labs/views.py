import base64
import datetime
import hashlib
import json
import os
import pickle
import re
import subprocess
import uuid
from io import BytesIO
from random import randint
from xml.dom.pulldom import START_ELEMENT, parseString
from xml.sax import make_parser
from xml.sax.handler import feature_external_ges

import jwt
import requests
import yaml
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login
from django.contrib.auth.models import User
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template import engines
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.views.decorators.csrf import csrf_exempt
from PIL import Image, ImageMath

from .models import AuthLogin, Comments, Coupon, Otp, Tickets
from .utility import filter_blog, get_free_port, log_function_target


def home(request):
    if request.user.is_authenticated:
        return render(request, 'home.html')
    return redirect('login')


def sql_lab(request):
    if request.user.is_authenticated:
        name = request.POST.get('name')
        password = request.POST.get('pass')
        if name:
            sql_query = "SELECT * FROM labs_login WHERE user='" + name + "'AND password='" + password + "'"
            try:
                val = AuthLogin.objects.raw(sql_query)
            except Exception:
                return render(request, 'sql.html', {'wrongpass': password, 'sql_error': sql_query})
            if val:
                return render(request, 'sql.html', {'user1': val[0].user})
        return render(request, 'sql.html')
    return redirect('login')


@csrf_exempt
def cmd_lab(request):
    if request.method == 'POST':
        domain = request.POST.get('domain')
        domain = domain.replace('https://www.', '')
        system = request.POST.get('os')
        if system == 'win':
            command = 'nslookup {}'.format(domain)
        else:
            command = 'dig {}'.format(domain)
        process = subprocess.Popen(command, shell=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        stdout, stderr = process.communicate()
        return render(request, 'cmd.html', {'output': stdout.decode()})
    return render(request, 'cmd.html')


@csrf_exempt
def eval_lab(request):
    if request.method == 'POST':
        val = request.POST.get('val')
        try:
            output = eval(val)
        except Exception as e:
            output = 'Something went wrong: ' + str(e)
        return render(request, 'eval.html', {'output': output})
    return render(request, 'eval.html')


@csrf_exempt
def otp(request):
    if request.method == 'GET':
        email = request.GET.get('email')
        otpN = randint(100, 999)
        if email == 'admin@labs.org':
            Otp.objects.filter(id=2).update(otp=otpN)
        return render(request, 'otp.html', {'otp': otpN})
    sent = request.POST.get('otp')
    if Otp.objects.filter(email='admin@labs.org', otp=sent):
        return HttpResponse('<h3>Login success for admin</h3>')
    return render(request, 'otp.html', {'otp': 'Invalid OTP'})


def xss(request):
    q = request.GET.get('q', '')
    q = q.replace('script', '')
    return HttpResponse('<p>Nothing for ' + q + '</p>')


def xss_attr(request):
    template = engines['django'].from_string('<a href="' + request.GET.get('url', '') + '">go</a>')
    return HttpResponse(template.render())


@csrf_exempt
def xxe_parse(request):
    parser = make_parser()
    parser.setFeature(feature_external_ges, True)
    doc = parseString(request.body.decode('utf-8'), parser=parser)
    text = ''
    for event, node in doc:
        if event == START_ELEMENT and node.tagName == 'text':
            doc.expandNode(node)
            text = node.toxml()
    Comments.objects.filter(id=1).update(comment=text)
    return render(request, 'xxe.html')


def deser(request):
    token = request.COOKIES.get('token')
    if token is None:
        token = base64.b64encode(pickle.dumps({'admin': 0})).decode()
    else:
        user = pickle.loads(base64.b64decode(token))
        if user['admin'] == 1:
            return HttpResponse('welcome admin')
    response = render(request, 'deser.html')
    response.set_cookie(key='token', value=token)
    return response


@csrf_exempt
def yaml_lab(request):
    file = request.FILES['file']
    data = yaml.load(file, yaml.Loader)
    return render(request, 'yaml.html', {'data': data})


def image_lab(request):
    img = Image.open(BytesIO(request.FILES['file'].read()))
    out = ImageMath.eval(request.POST['function'], img=img)
    return HttpResponse(str(out))


@csrf_exempt
def ssrf_lab(request):
    file = request.POST['blog']
    dirname = os.path.dirname(__file__)
    filename = os.path.join(dirname, file)
    with open(filename, 'r') as source:
        return render(request, 'ssrf.html', {'blog': source.read()})


def ssrf_lab2(request):
    url = request.POST['url']
    if 'labs.org' in url:
        response = requests.get(url)
        return render(request, 'ssrf2.html', {'response': response.content.decode()})
    return render(request, 'ssrf2.html')


def jwt_lab(request):
    token = request.COOKIES.get('auth')
    try:
        data = jwt.decode(token, 'labs_jwt_secret', algorithms=['HS256'])
        admin = data['admin']
    except Exception:
        token = jwt.encode({'admin': False, 'exp': datetime.datetime.utcnow() + datetime.timedelta(minutes=60)}, 'labs_jwt_secret', algorithm='HS256')
        admin = False
    response = render(request, 'jwt.html', {'admin': admin})
    response.set_cookie('auth', token, httponly=False)
    return response


def auth_failure(request):
    username = request.POST.get('username')
    password = request.POST.get('password')
    user = AuthLogin.objects.filter(username=username).first()
    if not user:
        return render(request, 'fail.html', {'error': 'No such user'})
    if user.password != hashlib.md5(password.encode()).hexdigest():
        return render(request, 'fail.html', {'error': 'Wrong password'})
    request.session['uid'] = user.id
    return redirect('home')


def register(request):
    username = request.POST['username']
    password = request.POST['password']
    AuthLogin.objects.create(username=username, password=password, session_id=str(uuid.uuid1()))
    return redirect('login')


def secret_admin(request):
    if request.COOKIES.get('admin') == '1':
        return render(request, 'secret.html', {'users': User.objects.all()})
    return render(request, 'secret.html')


def by_agent(request):
    if request.META.get('HTTP_USER_AGENT') == 'labs-admin':
        return HttpResponse('the key')
    return HttpResponse('no', status=403)


def tickets(request):
    count = int(request.POST.get('count', 1))
    for _ in range(count):
        Tickets.objects.create(user=request.user, key=str(uuid.uuid4()))
    return redirect('home')


def coupon(request):
    c = Coupon.objects.get(code=request.POST['code'])
    if not c.used:
        request.user.wallet.balance += c.value
        request.user.wallet.save()
        c.used = True
        c.save()
    return redirect('home')


def comment(request):
    text = SafeString(request.POST['comment'])
    return render(request, 'comments.html', {'text': text})


def debug(request):
    return JsonResponse({k: str(v) for k, v in settings.__dict__.items()})


def env(request):
    return JsonResponse(dict(os.environ))


def fmt(request):
    return HttpResponse(request.GET['f'].format(user=request.user, settings=settings))


def import_module(request):
    module = __import__(request.GET['module'])
    return HttpResponse(getattr(module, request.GET['fn'])())


def reg(request):
    if re.match(r'^(a+)+$', request.GET.get('q', '')):
        return HttpResponse('ok')
    return HttpResponse('no')
