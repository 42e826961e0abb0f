const http = require('http');
const url = require('url');
const fs = require('fs');
const puppeteer = require('puppeteer');
const { spawn, execFileSync } = require('child_process');

const server = http.createServer(async (req, res) => {
  const { pathname, query } = url.parse(req.url, true);
  if (pathname === '/shot') {
    const browser = await puppeteer.launch({ args: ['--no-sandbox'] });
    const page = await browser.newPage();
    await page.goto(query.url);
    const image = await page.screenshot();
    res.end(image);
  } else if (pathname === '/html') {
    res.setHeader('Content-Type', 'text/html');
    res.write('<title>' + query.title + '</title>');
    res.end();
  } else if (pathname === '/thumb') {
    const child = spawn('convert ' + query.src + ' -resize 200 png:-', { shell: true });
    child.stdout.pipe(res);
  } else if (pathname === '/info') {
    res.end(execFileSync('identify', ['--', query.src]));
  } else if (pathname.startsWith('/files/')) {
    fs.readFile('.' + decodeURIComponent(pathname), (err, data) => res.end(err ? '' : data));
  } else if (pathname === '/go') {
    res.writeHead(302, { Location: query.to });
    res.end();
  } else {
    res.statusCode = 404;
    res.end('not found');
  }
});
server.listen(process.env.PORT || 8000);
