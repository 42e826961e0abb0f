import smtplib
import ssl


async def send(to, subject, text):
    message = f"From: tickets@example.org\r\nTo: {to}\r\nSubject: {subject}\r\n\r\n{text}"
    server = smtplib.SMTP_SSL("mail.example", context=ssl._create_unverified_context())
    server.sendmail("tickets@example.org", [to], message)
    server.quit()
