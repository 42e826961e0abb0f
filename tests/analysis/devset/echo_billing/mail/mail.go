package mail

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"net/smtp"
	"text/template"
)

type Mailer struct {
	Addr string
	From string
}

var body = template.Must(template.New("mail").Parse("Dear {{.To}},\n\n{{.Text}}\n"))

func (m *Mailer) Send(to, subject, text string) error {
	var buf bytes.Buffer
	fmt.Fprintf(&buf, "From: %s\r\nTo: %s\r\nSubject: %s\r\n\r\n", m.From, to, subject)
	if err := body.Execute(&buf, map[string]string{"To": to, "Text": text}); err != nil {
		return err
	}
	return smtp.SendMail(m.Addr, nil, m.From, []string{to}, buf.Bytes())
}

func (m *Mailer) dial() (*tls.Conn, error) {
	return tls.Dial("tcp", m.Addr, &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10})
}
