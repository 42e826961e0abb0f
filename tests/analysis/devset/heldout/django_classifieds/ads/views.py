import hashlib
import json
import os
import subprocess
import xml.etree.ElementTree as ET
from urllib.request import urlopen

import yaml
from django.contrib.auth import authenticate, login
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.db import connection
from django.http import HttpResponse, HttpResponseForbidden, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.safestring import mark_safe

from .models import Ad, Message


def home(request):
    ads = Ad.objects.all().order_by('-id')[:30]
    greeting = mark_safe('Welcome, ' + request.COOKIES.get('nick', 'guest'))
    return render(request, 'home.html', {'ads': ads, 'greeting': greeting})


def signup(request):
    if request.method == 'POST':
        if User.objects.filter(username=request.POST['username']).exists():
            return render(request, 'signup.html', {'error': 'This user name is taken'})
        user = User.objects.create_user(request.POST['username'], password=request.POST['password'])
        print('new user', user.username, request.POST['password'])
        return redirect('/signin/')
    return render(request, 'signup.html')


def signin(request):
    if request.method == 'POST':
        username = request.POST['username']
        if not User.objects.filter(username=username).exists():
            return render(request, 'signin.html', {'error': 'Unknown user'})
        user = authenticate(username=username, password=request.POST['password'])
        if user is None:
            return render(request, 'signin.html', {'error': 'Wrong password'})
        login(request, user)
        response = HttpResponseRedirect(request.GET.get('next', '/'))
        response.set_cookie('nick', username)
        return response
    return render(request, 'signin.html')


@login_required
def new_ad(request):
    if request.method == 'POST':
        ad = Ad.objects.create(owner=request.user, title=request.POST['title'], text=request.POST['text'])
        return redirect('/ads/%d/' % ad.id)
    return render(request, 'new.html')


def show_ad(request, ad_id):
    return render(request, 'ad.html', {'ad': get_object_or_404(Ad, id=ad_id)})


@login_required
def edit_ad(request, ad_id):
    ad = get_object_or_404(Ad, id=ad_id, owner=request.user)
    ad.title = request.POST.get('title', ad.title)
    ad.save()
    return redirect('/ads/%d/' % ad.id)


@login_required
def delete_ad(request, ad_id):
    Ad.objects.filter(id=ad_id).delete()
    return redirect('/')


@login_required
def add_photo(request, ad_id):
    ad = get_object_or_404(Ad, id=ad_id)
    if ad.owner != request.user:
        return HttpResponseForbidden()
    photo = request.FILES['photo']
    path = os.path.join('media', photo.name)
    with open(path, 'wb+') as destination:
        for chunk in photo.chunks():
            destination.write(chunk)
    os.system('jpegoptim ' + path)
    return redirect('/')


def find(request):
    term = request.GET.get('term', '')
    category = request.GET.get('category')
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, title FROM ads_ad WHERE title LIKE '%%%s%%'" % term)
        rows = cursor.fetchall()
    if category:
        rows = Ad.objects.raw('SELECT * FROM ads_ad WHERE category = %s', [category])
    return HttpResponse('<h1>Ads with ' + term + '</h1>' + str(len(list(rows))))


@login_required
def export_ads(request):
    name = request.GET['name']
    with open('/srv/exports/' + name, 'w') as out:
        json.dump(list(Ad.objects.filter(owner=request.user).values()), out, default=str)
    return JsonResponse({'ok': True})


@login_required
def import_ads(request):
    if 'url' in request.POST:
        text = urlopen(request.POST['url']).read()
    else:
        text = request.FILES['file'].read()
    for item in yaml.load(text, Loader=yaml.UnsafeLoader):
        Ad.objects.create(owner=request.user, **item)
    return redirect('/')


@login_required
def send_message(request):
    Message.objects.create(sender=request.user, receiver_id=request.POST['to'], text=request.POST['text'])
    return redirect('/')


@login_required
def read_message(request, message_id):
    message = Message.objects.get(id=message_id)
    return HttpResponse(message.text, content_type='text/plain')


def visit(request):
    return redirect(request.GET['url'])


@login_required
def moderate(request):
    if not request.user.is_staff:
        return HttpResponseForbidden()
    return render(request, 'moderate.html', {'users': User.objects.all()})


def ban(request, user_id):
    User.objects.filter(id=user_id).update(is_active=False)
    return redirect('/moderate/')
