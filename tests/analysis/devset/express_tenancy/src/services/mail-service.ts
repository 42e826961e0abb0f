import nodemailer from 'nodemailer'

export class MailService {
  private transport = nodemailer.createTransport({
    host: process.env.SMTP_HOST,
    port: 465,
    secure: true,
    tls: { rejectUnauthorized: false },
  })

  send(to: string, subject: string, html: string) {
    return this.transport.sendMail({ from: 'desk@tenancy.example', to, subject, html })
  }
}
