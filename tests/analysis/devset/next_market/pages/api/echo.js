export default function handler(req, res) {
  res.setHeader('Content-Type', 'text/html');
  res.send(`<p>${req.query.msg}</p>`);
}

export const config = { api: { bodyParser: { sizeLimit: '500mb' } } };
