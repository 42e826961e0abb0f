import os
import smtplib
import tempfile

def send(to, body):
    server = smtplib.SMTP('mail.example.org', 25)
    server.login('quiz', 'mailpass99')
    server.sendmail('quiz@example.org', [to], body)

def spool(body):
    path = tempfile.mktemp('.eml')
    f = open(path, 'w')
    f.write(body)
    os.chmod(path, 0777)
    os.system('sendmail -t < ' + path)
    return path
