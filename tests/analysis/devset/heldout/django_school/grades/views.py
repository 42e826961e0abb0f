import base64
import pickle
import random
import string
from subprocess import PIPE, Popen

import feedparser
import requests
from django.contrib.auth import authenticate, login
from django.contrib.auth.decorators import login_required, permission_required
from django.contrib.auth.mixins import LoginRequiredMixin, PermissionRequiredMixin
from django.core.mail import send_mail
from django.http import Http404, HttpResponse, HttpResponseForbidden, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template import Context, Template
from django.template.loader import render_to_string
from django.utils.decorators import method_decorator
from django.utils.safestring import SafeString, mark_safe
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import TemplateView

from .forms import GradeForm, HomeworkForm
from .models import Grade, Homework, Student


class Home(TemplateView):
    template_name = 'home.html'

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        context['notice'] = mark_safe(self.request.GET.get('notice', ''))
        return context


class SignIn(View):
    def get(self, request):
        return render(request, 'signin.html')

    def post(self, request):
        user = authenticate(username=request.POST.get('name'), password=request.POST.get('password'))
        if user is None:
            return HttpResponseForbidden('No.')
        login(request, user)
        return HttpResponseRedirect(request.POST.get('next') or '/')


class StudentView(LoginRequiredMixin, View):
    def get(self, request, pk):
        student = get_object_or_404(Student, pk=pk)
        return render(request, 'student.html', {'student': student})

    @method_decorator(permission_required('grades.change_student'))
    def post(self, request, pk):
        student = get_object_or_404(Student, pk=pk)
        student.label = request.POST['label']
        student.save()
        return redirect('/student/%d/' % student.pk)


@login_required
def grades_of(request, student):
    grades = Grade.objects.filter(student_id=student)
    return JsonResponse({'grades': [(grade.subject, grade.value) for grade in grades]})


@login_required
def my_grades(request):
    grades = Grade.objects.filter(student__user=request.user)
    return JsonResponse({'grades': [(grade.subject, grade.value) for grade in grades]})


@permission_required('grades.change_grade')
def change_grade(request, pk):
    grade = get_object_or_404(Grade, pk=pk, teacher=request.user)
    form = GradeForm(request.POST, instance=grade)
    if form.is_valid():
        form.save()
    return redirect('/')


@csrf_exempt
def remove_grade(request, pk):
    Grade.objects.filter(pk=pk).delete()
    return redirect('/')


@login_required
def find(request):
    students = Student.objects.named(request.GET['name'])
    rows = ''.join('<li>%s</li>' % student.name for student in students)
    return HttpResponse('<h1>%s</h1><ul>%s</ul>' % (request.GET['name'], rows))


@login_required
def average(request):
    return JsonResponse({'average': Grade.average(request.GET.get('subject', ''))})


@login_required
def certificate(request):
    greeting = Template('Dear ' + request.GET.get('name', '') + ', {{ text }}')
    html = greeting.render(Context({'text': 'well done'}))
    process = Popen(['wkhtmltopdf', '-', '-'], stdin=PIPE, stdout=PIPE)
    pdf, _ = process.communicate(html.encode())
    return HttpResponse(pdf, content_type='application/pdf')


@login_required
def hand_in(request):
    form = HomeworkForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(request, 'homework.html', {'form': form})
    uploaded = request.FILES['file']
    with open('/srv/homework/' + uploaded.name, 'wb') as target:
        for chunk in uploaded.chunks():
            target.write(chunk)
    Popen('clamscan /srv/homework/%s' % uploaded.name, shell=True)
    return redirect('/')


@login_required
def homework(request, name):
    try:
        return HttpResponse(open('/srv/homework/%s' % name, 'rb').read())
    except FileNotFoundError:
        raise Http404(name)


@login_required
def calendar(request):
    url = request.GET.get('feed')
    entries = feedparser.parse(requests.get(url, verify=False).text).entries
    return JsonResponse({'titles': [entry.title for entry in entries]})


@permission_required('auth.add_user')
def new_account(request):
    password = ''.join(random.choice(string.ascii_lowercase) for _ in range(8))
    send_mail('Your account', 'Your password: ' + password, None, [request.POST['email']])
    return redirect('/')


@permission_required('grades.mail')
def mail_parents(request):
    body = render_to_string('mail.txt', {'text': request.POST['text']})
    send_mail(request.POST['subject'], body, None, [request.POST['to']])
    return redirect('/')


@login_required
def settings_page(request):
    raw = request.COOKIES.get('display')
    display = pickle.loads(base64.b64decode(raw)) if raw else {}
    response = render(request, 'settings.html', {'display': display})
    response.set_cookie('display', base64.b64encode(pickle.dumps(display)).decode(), httponly=True, secure=True)
    return response
