"""Flows of JavaScript and TypeScript, by framework and danger: each bad program is told of, of no good one anything."""

from collections.abc import Mapping

import pytest

from server.analysis.budget import Budget
from server.analysis.flow.analysis import FlowAnalysis, lower
from server.analysis.javascript.file import JavaScriptFile
from server.analysis.source import Source


def told(files: Mapping[str, str]) -> list[tuple[str, int, str]]:
    lowered = {path: lower(JavaScriptFile.parse(Source.of(path, text))) for path, text in files.items()}
    modules = {path: module for path, module in lowered.items() if module is not None}
    found = FlowAnalysis().conclude(modules, Budget(60))
    return sorted((f.path, f.problem.hit.span.start_line, f.problem.rule.id.removeprefix("hive.")) for f in found)


def rules_of(text: str, path: str = "app.ts") -> list[str]:
    return [rule for _, _, rule in told({path: text})]


def express(body: str, imports: str = "") -> str:
    """A handler of Express with *body*."""
    head = f"{imports}\nconst express = require('express');\nconst app = express();\n"
    return f"{head}app.post('/x/:id', async (req, res) => {{\n{body}\n}});\n"


CP = "const { exec, spawn, execFile, execSync } = require('child_process');"
FS = "const fs = require('fs');\nconst path = require('path');"
MYSQL = "const mysql = require('mysql2');\nconst db = mysql.createPool({});"
MONGOOSE = "const mongoose = require('mongoose');\nconst User = mongoose.model('User', schema);"

EXPRESS_BAD = [
    ("sql-from-text", MYSQL, "db.query(`SELECT * FROM a WHERE b = '${req.query.b}'`, done);"),
    (
        "sql-from-text",
        MYSQL,
        "const { b } = req.body;\nconst sql = 'SELECT * FROM a WHERE b = ' + b;\ndb.execute(sql);",
    ),
    (
        "sql-from-text",
        MYSQL,
        "const b = req.query.b.trim();\nlet sql = 'SELECT a';\nsql += ' FROM t WHERE b = ' + b;\nawait db.query(sql);",
    ),
    ("sql-from-text", "", "await pool.query('SELECT * FROM a WHERE b = ' + req.params.id);"),
    ("sql-from-text", "", "models.sequelize.query(`SELECT * FROM a WHERE b = ${req.params.id}`);"),
    ("sql-from-text", "", "await prisma.$queryRawUnsafe(`SELECT * FROM a WHERE b = ${req.params.id}`);"),
    ("sql-from-text", "const knex = require('knex')({});", "knex('a').whereRaw('b = ' + req.query.b);"),
    (
        "sql-from-text",
        "const { Pool } = require('pg');\nconst pool = new Pool();",
        "const c = await pool.connect();\nawait c.query('SELECT ' + req.query.b);",
    ),
    (
        "sql-from-text",
        "const sqlite3 = require('sqlite3').verbose();\nconst db = new sqlite3.Database('a');",
        'db.all("SELECT * FROM a WHERE b = \'" + req.query.b + "\'", cb);',
    ),
    (
        "sql-from-text",
        "import { getConnection } from 'typeorm';",
        "getRepository(A).createQueryBuilder('a').where(`a.b = '${req.query.b}'`).getMany();",
    ),
    ("shell-command", CP, "exec('ping ' + req.query.host, done);"),
    ("shell-command", CP, "const out = execSync(`ls ${req.params.id}`);"),
    ("shell-command", CP, "spawn('sh', ['-c', 'ls ' + req.query.dir]);"),
    ("shell-command", CP, "spawn('ls ' + req.query.dir, { shell: true });"),
    ("shell-command", CP, "spawn('ls', [req.query.dir], { shell: true });"),
    (
        "shell-command",
        "const cp = require('node:child_process');\nconst run = require('util').promisify(cp.exec);",
        "await run(`ls ${req.query.dir}`);",
    ),
    ("shell-command", "", "require('child_process').exec(req.body.command);"),
    ("code-from-text", "", "eval(req.body.code);"),
    ("code-from-text", "", "const f = new Function('a', req.body.code);"),
    ("code-from-text", "const vm = require('vm');", "vm.runInNewContext(req.body.code, {});"),
    ("code-from-text", "", "setTimeout('go(' + req.query.n + ')', 10);"),
    ("html-from-text", "", "res.send('<p>' + req.query.q + '</p>');"),
    ("html-from-text", "", "const { q } = req.query;\nres.status(404).send(`No ${q}`);"),
    ("html-from-text", "", "res.write(`<b>${req.params.id}</b>`);\nres.end();"),
    ("path-from-request", FS, "fs.readFile(path.join(__dirname, req.query.f), done);"),
    ("path-from-request", FS, "const p = './files/' + req.params.id;\nfs.createReadStream(p).pipe(res);"),
    ("path-from-request", FS, "res.sendFile(path.resolve('files', req.params.id));"),
    ("path-from-request", "import { promises as fs } from 'fs';", "await fs.unlink(`uploads/${req.body.name}`);"),
    ("path-from-request", "const fs = require('fs/promises');", "await fs.writeFile(req.body.name, req.body.text);"),
    ("path-from-request", "", "req.files.photo.mv('./uploads/' + req.files.photo.name);"),
    ("path-from-request", "", "res.download('files/' + req.query.f);"),
    ("url-from-request", "const axios = require('axios');", "const r = await axios.get(req.query.url);"),
    ("url-from-request", "import axios from 'axios';", "const r = await axios({ method: 'get', url: req.body.url });"),
    ("url-from-request", "", "const r = await fetch(`http://${req.query.host}/status`);"),
    ("url-from-request", "const http = require('http');", "http.get(req.query.url, (r) => r.pipe(res));"),
    ("url-from-request", "const request = require('request');", "request({ uri: req.query.url }, done);"),
    ("open-redirect", "", "res.redirect(req.query.next);"),
    ("open-redirect", "", "res.redirect(302, req.query.next || '/');"),
    ("open-redirect", "", "res.setHeader('Location', req.query.next);\nres.status(302).end();"),
    ("nosql-injection", MONGOOSE, "await User.findOne({ name: req.body.name, password: req.body.password });"),
    ("nosql-injection", MONGOOSE, "const { name } = req.body;\nawait User.find({ name });"),
    (
        "nosql-injection",
        "const { MongoClient } = require('mongodb');",
        "await client.db('a').collection('b').findOne({ c: req.body.c });",
    ),
    ("nosql-injection", MONGOOSE, "await User.find({ $where: `this.name == '${req.params.id}'` });"),
    ("mass-assignment", MONGOOSE, "await User.create(req.body);"),
    ("mass-assignment", MONGOOSE, "await User.findByIdAndUpdate(req.params.id, req.body);"),
    ("mass-assignment", MONGOOSE, "const user = new User(req.body);\nawait user.save();"),
    ("mass-assignment", MONGOOSE, "await User.updateOne({ a: 1 }, { $set: req.body });"),
    ("mass-assignment", "", "Object.assign(user, req.body);"),
    ("mass-assignment", MONGOOSE, "await User.create({ ...req.body, active: true });"),
    ("prototype-pollution", "const _ = require('lodash');", "_.merge(settings, req.body);"),
    (
        "prototype-pollution",
        "const merge = require('lodash.merge');",
        "merge({}, defaults, JSON.parse(req.body.text));",
    ),
    ("unsafe-deserialization", "const serialize = require('node-serialize');", "serialize.unserialize(req.cookies.p);"),
    ("xml-entities", "const libxmljs = require('libxmljs');", "libxmljs.parseXml(req.body, { noent: true });"),
    ("template-from-text", "const ejs = require('ejs');", "res.send(ejs.render(req.body.template, {}));"),
    (
        "template-from-text",
        "const Handlebars = require('handlebars');",
        "const t = Handlebars.compile(req.body.template);",
    ),
    ("template-from-text", "const _ = require('lodash');", "_.template(req.query.t)();"),
    ("regex-from-request", "", "const found = names.filter((n) => new RegExp(req.query.q).test(n));"),
    ("unsafe-reflection", "", "const handler = require('./handlers/' + req.params.id);"),
    ("permissive-cors", "", "res.setHeader('Access-Control-Allow-Origin', req.headers.origin);"),
    ("xpath-injection", "const xpath = require('xpath');", "xpath.select(`//user[@name='${req.query.n}']`, doc);"),
    (
        "ldap-injection",
        "const ldap = require('ldapjs');\nconst client = ldap.createClient({});",
        "client.search('dc=x', { filter: `(uid=${req.query.u})` }, done);",
    ),
    (
        "sql-from-text",
        "const { Pool } = require('pg');\nconst pool = new Pool();",
        "const q = { text: 'SELECT a FROM t', values: [] };\nq.text += ' ORDER BY ' + req.query.s;\npool.query(q);",
    ),
    (
        "sql-from-text",
        "import { Connection } from 'a-driver';\nfunction all(c: Connection, sql: string) { return c.query(sql); }",
        "all(db, `SELECT a FROM t WHERE b = '${req.query.b}'`);",
    ),
    ("code-from-text", "", "eval(Buffer.from(req.query.c, 'base64').toString());"),
    (
        "open-redirect",
        "",
        "const { query } = require('url').parse(req.url, true);\nres.writeHead(302, { Location: query.to });",
    ),
]

EXPRESS_GOOD = [
    (
        "",
        "const asked = { id: req.params.a + '/' + req.params.b };\nshop.tell(asked).then((all) => { res.send(all); });",
    ),
    ("", "await items.insertMany(req.body).then((done) => { res.send(`${done.insertedCount} new`); });"),
    (
        "const crypto = require('crypto');",
        "const mac = crypto.createHmac('sha256', key);\nmac.update(req.query.q);\nres.send(mac.digest('hex'));",
    ),
    (MONGOOSE, "await User.updateOne({ a: 1 }, { $set: { name: req.body.name } });"),
    (FS, "fs.unlink(req.file.path, done);\nconst { path: at } = req.files[0];\nfs.createReadStream(at).pipe(out);"),
    ("", "const found = await lister.all(req.query.page);\nres.send(found);"),
    ("", "api.get('/x', async ({ query }, done) => fetch(query.url));"),
    (MYSQL, "db.query('SELECT * FROM a WHERE b = ?', [req.query.b], done);"),
    (MYSQL, "db.query('SELECT * FROM a WHERE b = ' + mysql.escape(req.query.b));"),
    (MYSQL, "db.query(`SELECT * FROM a WHERE b = ${parseInt(req.query.b, 10)}`);"),
    (MYSQL, "db.query(`SELECT * FROM a WHERE b = ${Number(req.query.b)}`);"),
    (
        MYSQL,
        (
            "const COLUMNS = ['a', 'b'];\n"
            "if (!COLUMNS.includes(req.query.c)) return res.sendStatus(400);\n"
            "db.query(`SELECT * FROM a ORDER BY ${req.query.c}`);"
        ),
    ),
    (
        MYSQL,
        (
            "const SORT = { a: 'a ASC', b: 'b DESC' };\n"
            "const by = SORT[req.query.sort] || 'a ASC';\n"
            "db.query(`SELECT * FROM a ORDER BY ${by}`);"
        ),
    ),
    (MYSQL, "const dir = req.query.dir === 'desc' ? 'DESC' : 'ASC';\ndb.query(`SELECT * FROM a ORDER BY b ${dir}`);"),
    ("", "await prisma.$queryRaw`SELECT * FROM a WHERE b = ${req.params.id}`;"),
    (
        "const knex = require('knex')({});",
        "await knex('a').where({ b: req.query.b });\nawait knex('a').whereRaw('b = ?', [req.query.b]);",
    ),
    (
        "const { Pool } = require('pg');\nconst pool = new Pool();",
        "await pool.query('SELECT * FROM a WHERE b = $1', [req.query.b]);",
    ),
    ("", "const n = await cache.get(`user:${req.params.id}`);"),
    (CP, "execFile('ls', ['-l', req.query.dir], done);"),
    (CP, "spawn('convert', [req.query.a, 'out.png']);"),
    (CP, "if (!/^[a-z0-9.]+$/.test(req.query.host)) return res.sendStatus(400);\nexec('ping ' + req.query.host);"),
    (CP, "exec('git status', done);"),
    ("", "res.send({ q: req.query.q });"),
    ("", "res.json({ q: req.query.q });"),
    ("", "res.send(JSON.stringify({ q: req.query.q }));"),
    ("const escape = require('escape-html');", "res.send('<p>' + escape(req.query.q) + '</p>');"),
    ("", "res.send('<p>' + encodeURIComponent(req.query.q) + '</p>');"),
    ("", "const clean = req.query.q.replace(/[<>&\"']/g, '');\nres.send('<p>' + clean + '</p>');"),
    ("", "res.render('index', { q: req.query.q });"),
    (FS, "fs.readFile(path.join(__dirname, path.basename(req.query.f)), done);"),
    (
        FS,
        (
            "const p = path.resolve(ROOT, req.query.f);\n"
            "if (!p.startsWith(ROOT)) return res.sendStatus(400);\n"
            "fs.readFile(p, done);"
        ),
    ),
    ("", "res.sendFile(req.params.id, { root: ROOT });"),
    (FS, "fs.readFile('a.txt', (e, data) => res.end());"),
    ("const axios = require('axios');", "await axios.get(`https://api.example.com/users/${req.params.id}`);"),
    ("const axios = require('axios');", "await axios.post('https://api.example.com/users', req.body);"),
    ("", "await fetch(`${process.env.API}/users/${req.params.id}`);"),
    ("", "res.redirect('/users/' + req.params.id);"),
    ("", "res.redirect(`/search?q=${encodeURIComponent(req.query.q)}`);"),
    ("", "if (!ALLOWED.has(req.query.next)) return;\nres.redirect(req.query.next);"),
    (MONGOOSE, "await User.findOne({ name: String(req.body.name) });"),
    (MONGOOSE, "await User.findById(req.params.id);"),
    (MONGOOSE, "if (typeof req.body.name !== 'string') return;\nawait User.findOne({ name: req.body.name });"),
    (MONGOOSE, "await User.findOne({ _id: req.params.id });"),
    (MONGOOSE, "await User.create({ name: req.body.name, mail: req.body.mail });"),
    (MONGOOSE, "const { name, mail } = req.body;\nawait User.create({ name, mail });"),
    (MONGOOSE, "const data = schema.parse(req.body);\nawait User.create(data);"),
    ("const found = [];", "const x = found.find((f) => f.id === req.params.id);\nres.json(x);"),
    ("", "const settings = { ...defaults, theme: req.body.theme };\nsave(settings);"),
    ("const ejs = require('ejs');", "res.send(ejs.render(TEMPLATE, { name: req.body.name }));"),
    ("const yaml = require('js-yaml');", "yaml.load(fs.readFileSync('a.yml'));"),
    ("const escapeRegExp = require('lodash.escaperegexp');", "new RegExp(_.escapeRegExp(req.query.q), 'i');"),
    ("", "setTimeout(() => go(req.query.n), 10);"),
    ("", "const when = new Date(req.query.when);\nres.send('<p>' + when.getTime() + '</p>');"),
    (
        "const { Pool } = require('pg');\nconst pool = new Pool();\nconst run = (q) => pool.query(q);",
        "const q = { text: 'SELECT a FROM t WHERE b = $1', values: [req.query.b] };\nawait run(q);",
    ),
    (
        FS,
        "const file = path.resolve(root, '.' + req.path);\nconst relative = path.relative(root, file);\n"
        "if (relative.startsWith('..') || path.isAbsolute(relative)) return res.end();\nfs.createReadStream(file);",
    ),
    ("", "res.setHeader('Content-Type', 'text/plain');\nres.end('<b>' + req.query.q);"),
    ("", "const n = req.query.n;\nres.redirect(/^\\/(?!\\/)/.test(n) ? n : '/');"),
    (MYSQL, "db.query(`SELECT a FROM t WHERE b IN (${req.body.ids.map(Number).join(',')})`);"),
]


@pytest.mark.parametrize(
    ("rule", "imports", "body"), EXPRESS_BAD, ids=[f"{c[0]}-{n}" for n, c in enumerate(EXPRESS_BAD)]
)
def test_what_a_request_to_express_does_is_told(rule: str, imports: str, body: str) -> None:
    assert rule in rules_of(express(body, imports))


@pytest.mark.parametrize(("imports", "body"), EXPRESS_GOOD, ids=[c[1][:60] for c in EXPRESS_GOOD])
def test_of_what_a_request_cannot_do_nothing_is_told(imports: str, body: str) -> None:
    assert rules_of(express(body, imports)) == []


SERVERS_BAD = [
    (
        "shell-command",
        "a.js",
        "const { exec } = require('child_process');\nwss.on('connection', (ws) => {\n"
        "  ws.on('message', (m) => exec('ls ' + m));\n});\n",
    ),
    (
        "sql-from-text",
        "a.js",
        "exports.show = async (req, res) => {\n  await db.query(`SELECT * FROM a WHERE b = ${req.params.id}`);\n};\n",
    ),
    (
        "html-from-text",
        "a.ts",
        (
            "import { Request, Response } from 'express';\n"
            "export const show = (req: Request, res: Response) => {\n"
            "  res.send(`<p>${req.query.q}`);\n"
            "};\n"
        ),
    ),
    (
        "html-from-text",
        "a.ts",
        (
            "import { Request, Response } from 'express';\n"
            "export class A {\n"
            "  show = async (rq: Request<P>, rs: Response) => { rs.send(`<p>${rq.query.q}`); };\n"
            "}\n"
        ),
    ),
    (
        "shell-command",
        "a.js",
        (
            "const Koa = require('koa');\n"
            "const { exec } = require('child_process');\n"
            "const app = new Koa();\n"
            "app.use(async (c) => {\n"
            "  exec('ls ' + c.query.d);\n"
            "});\n"
        ),
    ),
    ("html-from-text", "a.js", "router.get('/', async (ctx, next) => {\n  ctx.body = '<p>' + ctx.query.q;\n});\n"),
    ("open-redirect", "a.js", "router.get('/', async (ctx) => {\n  ctx.redirect(ctx.query.next);\n});\n"),
    (
        "sql-from-text",
        "a.js",
        (
            "const fastify = require('fastify')();\n"
            "fastify.get('/', async (request, reply) => {\n"
            "  await db.query(`SELECT a FROM b WHERE c = '${request.query.c}'`);\n"
            "});\n"
        ),
    ),
    (
        "html-from-text",
        "a.js",
        "const handler = (request, h) => {\n  return h.response('<p>' + request.query.q);\n};\n",
    ),
    (
        "sql-from-text",
        "a.ts",
        (
            "import { Controller, Get, Query } from '@nestjs/common';\n"
            "@Controller('a')\n"
            "export class A {\n"
            "  constructor(private readonly db: DataSource) {}\n"
            "  @Get()\n"
            "  async list(@Query('q') q: string) { return this.db.query(`SELECT a FROM b WHERE c = '${q}'`); }\n"
            "}\n"
        ),
    ),
    (
        "path-from-request",
        "a.ts",
        (
            "import { Controller, Get, Param, Res } from '@nestjs/common';\n"
            "import * as fs from 'fs';\n"
            "@Controller('a')\n"
            "export class A {\n"
            "  @Get(':f')\n"
            "  get(@Param('f') f: string) { return fs.readFileSync('files/' + f); }\n"
            "}\n"
        ),
    ),
    (
        "shell-command",
        "app/api/x/route.ts",
        (
            "import { exec } from 'child_process';\n"
            "export async function POST(request: NextRequest) {\n"
            "  const { name } = await request.json();\n"
            "  exec(`ls ${name}`);\n"
            "}\n"
        ),
    ),
    (
        "url-from-request",
        "app/api/x/route.ts",
        (
            "export async function GET(request) {\n"
            "  const url = new URL(request.url).searchParams.get('u');\n"
            "  return fetch(url);\n"
            "}\n"
        ),
    ),
    (
        "sql-from-text",
        "pages/api/x.ts",
        (
            "export default async function handler(req, res) {\n"
            "  await db.query(`SELECT a FROM b WHERE c = ${req.query.c}`);\n"
            "}\n"
        ),
    ),
    (
        "sql-from-text",
        "pages/x.tsx",
        (
            "export async function getServerSideProps({ query }) {\n"
            "  const rows = await db.query(`SELECT a FROM b WHERE c = ${query.c}`);\n"
            "  return { props: { rows } };\n"
            "}\n"
        ),
    ),
    (
        "sql-from-text",
        "app/actions.ts",
        (
            "'use server';\n"
            "export async function save(form: FormData) {\n"
            "  await db.query(`SELECT a FROM b WHERE c = '${form.get('c')}'`);\n"
            "}\n"
        ),
    ),
    (
        "path-from-request",
        "a.js",
        (
            "const http = require('http');\n"
            "const fs = require('fs');\n"
            "http.createServer((req, res) => {\n"
            "  fs.readFile('.' + req.url, (e, d) => res.end(d));\n"
            "});\n"
        ),
    ),
    (
        "html-from-text",
        "a.js",
        (
            "const http = require('http');\n"
            "const url = require('url');\n"
            "http.createServer((req, res) => {\n"
            "  const q = url.parse(req.url, true).query;\n"
            "  res.end('<p>' + q.name);\n"
            "});\n"
        ),
    ),
    (
        "code-from-text",
        "a.js",
        "exports.handler = async (event) => {\n  return eval(event.queryStringParameters.code);\n};\n",
    ),
    (
        "sql-from-text",
        "a.js",
        (
            "const resolvers = {\n"
            "  Query: {\n"
            "    user: (parent, args, ctx) => ctx.db.query(`SELECT a FROM b WHERE c = '${args.name}'`),\n"
            "  },\n"
            "};\n"
        ),
    ),
    (
        "mass-assignment",
        "users.ts",
        "import { Body, Controller, Put } from '@nestjs/common';\n@Controller()\nexport class Users {\n"
        "  constructor(@InjectRepository(User) private readonly users: Repository<User>) {}\n"
        "  @Put()\n  save(@Body() body: Partial<User>) {\n    return this.users.update(1, body);\n  }\n}\n",
    ),
    (
        "url-from-request",
        "feed.ts",
        "import { HttpService } from '@nestjs/axios';\nimport { Query, Get } from '@nestjs/common';\nclass Feed {\n"
        "  constructor(private readonly http: HttpService) {}\n"
        "  @Get()\n  read(@Query('url') url: string) {\n    return this.http.axiosRef.get(url);\n  }\n}\n",
    ),
    (
        "open-redirect",
        "app/api/go/route.ts",
        "import { redirect } from 'next/navigation';\nexport async function GET(request: Request) {\n"
        "  redirect(new URL(request.url).searchParams.get('next') ?? '/');\n}\n",
    ),
    (
        "mass-assignment",
        "app/api/notes/route.ts",
        "export async function POST(request: Request) {\n  const body = await request.json();\n"
        "  await prisma.note.create({ data: { ...body, by: 1 } });\n}\n",
    ),
    (
        "shell-command",
        "main.js",
        "const { ipcMain } = require('electron');\nconst { exec } = require('child_process');\n"
        "ipcMain.handle('print', (event, { file }) => exec(`lp ${file}`));\n",
    ),
    (
        "html-from-text",
        "app.ts",
        "import { Hono } from 'hono';\nconst app = new Hono();\n"
        "app.get('/:name', (c) => c.html(`<b>${c.req.param('name')}</b>`));\n",
    ),
    (
        "path-from-request",
        "src/routes/api/files/+server.ts",
        "import { readFileSync } from 'fs';\nexport const GET = async ({ url }) => {\n"
        "  return new Response(readFileSync('files/' + url.searchParams.get('name')));\n};\n",
    ),
    (
        "shell-command",
        "server/api/report.get.ts",
        "import { exec } from 'node:child_process';\nexport default defineEventHandler((event) => {\n"
        "  const { year } = getQuery(event);\n  exec(`./report.sh ${year}`);\n});\n",
    ),
    (
        "open-redirect",
        "app/routes/notes.tsx",
        "import type { ActionFunctionArgs } from '@remix-run/node';\nimport { redirect } from '@remix-run/node';\n"
        "export async function action({ request }: ActionFunctionArgs) {\n  const form = await request.formData();\n"
        "  return redirect(String(form.get('to')));\n}\n",
    ),
    (
        "url-from-request",
        "graph.ts",
        "const resolvers = { Query: { preview: async (_: unknown, { url }: { url: string }) => fetch(url) } };\n",
    ),
    (
        "url-from-request",
        "plugin.ts",
        "export const routes: FastifyPluginAsync = async (app) => {\n"
        "  app.post<{ Body: Hook }>('/hook', { preHandler }, async (request) => fetch(request.body.url));\n};\n",
    ),
    ("url-from-request", "a.js", "module.exports = (r) => r.get('/x', async ({ query }, res) => fetch(query.url));\n"),
    (
        "url-from-request",
        "lambda.ts",
        "import { APIGatewayProxyEvent } from 'aws-lambda';\n"
        "export const proxy = async (event: APIGatewayProxyEvent) => fetch(event.headers['x-target']);\n",
    ),
]


@pytest.mark.parametrize(("rule", "path", "text"), SERVERS_BAD, ids=[f"{c[0]}-{n}" for n, c in enumerate(SERVERS_BAD)])
def test_every_framework_says_where_its_requests_are(rule: str, path: str, text: str) -> None:
    assert rule in rules_of(text, path)


BROWSER_BAD = [
    ("html-from-text", "el.innerHTML = location.hash.slice(1);"),
    ("html-from-text", "document.getElementById('a').innerHTML = decodeURIComponent(window.location.search);"),
    (
        "html-from-text",
        "const q = new URLSearchParams(window.location.search);\nbox.innerHTML = `<p>${q.get('n')}</p>`;",
    ),
    ("html-from-text", "document.write('<p>' + document.referrer + '</p>');"),
    ("html-from-text", "window.addEventListener('message', (event) => {\n  el.innerHTML = event.data.html;\n});"),
    ("html-from-text", "window.onmessage = function (e) {\n  el.outerHTML = e.data.html;\n};"),
    ("html-from-text", "frame.setAttribute('srcdoc', location.hash);"),
    ("open-redirect", "link.setAttribute('href', new URLSearchParams(location.search).get('back'));"),
    ("html-from-text", "$('#a').html(location.hash);"),
    (
        "html-from-text",
        "$(function () {\n  var q = location.search.split('=')[1];\n  $('#a').append('<b>' + q + '</b>');\n});",
    ),
    ("html-from-text", "(function ($) {\n  $('#a').html(location.hash);\n})(jQuery);"),
    ("html-from-text", "el.insertAdjacentHTML('beforeend', window.name);"),
    ("code-from-text", "eval(location.hash.substr(1));"),
    ("code-from-text", "setTimeout('go(' + location.hash + ')', 5);"),
    ("open-redirect", "window.location = new URLSearchParams(location.search).get('next');"),
    ("open-redirect", "window.location.href = new URLSearchParams(location.search).get('next');"),
    ("open-redirect", "location.replace(location.hash.slice(1));"),
    (
        "html-from-text",
        (
            "function Page() {\n"
            "  const [params] = useSearchParams();\n"
            "  return <div dangerouslySetInnerHTML={{ __html: params.get('m') }} />;\n"
            "}\n"
            "import { useSearchParams } from 'react-router-dom';"
        ),
    ),
    (
        "html-from-text",
        (
            "import { useLocation } from 'react-router-dom';\n"
            "const Raw = ({ html }) => <p dangerouslySetInnerHTML={{ __html: html }} />;\n"
            "export function Page() {\n"
            "  const location = useLocation();\n"
            "  return <Raw html={location.hash} />;\n"
            "}"
        ),
    ),
    ("html-from-text", "const q = new URL(location).searchParams.get('q');\nbox.innerHTML = q;"),
    ("html-from-text", "export default { mounted() { this.$refs.a.innerHTML = this.$route.query.a; } };"),
]

BROWSER_GOOD = [
    "el.textContent = location.hash;",
    "el.setAttribute('title', location.hash);\n$('#a').attr('data-tab', location.hash);",
    "el.innerHTML = DOMPurify.sanitize(location.hash);",
    "const tab = location.hash === '#a' ? 'a' : 'b';\nel.innerHTML = `<p>${tab}</p>`;",
    "window.location.href = '/search?q=' + encodeURIComponent(location.hash);",
    "location.href = location.href;",
    "fetch('/api' + location.search).then((r) => r.json());",
    "const page = parseInt(new URLSearchParams(location.search).get('p'), 10);\nel.innerHTML = `<b>${page}</b>`;",
    "el.innerHTML = '';\nel.innerHTML = '<b>x</b>';",
    "const A = ({ name }) => <p title={name}>{name}</p>;\nconst B = () => <A name={location.hash} />;",
    "const p = new URLSearchParams();\np.append('q', location.hash);",
    "element.addEventListener('click', (event) => {\n  show(event.target.value);\n});",
    "const next = new URLSearchParams(location.search).get('next') || '';\n"
    "if (/^\\/[a-z0-9-]*$/.test(next)) location.assign(next);",
]


@pytest.mark.parametrize(("rule", "text"), BROWSER_BAD, ids=[f"{c[0]}-{n}" for n, c in enumerate(BROWSER_BAD)])
def test_what_a_link_does_to_a_page_is_told(rule: str, text: str) -> None:
    assert rule in rules_of(text, "app.tsx")


@pytest.mark.parametrize("text", BROWSER_GOOD, ids=[c[:50] for c in BROWSER_GOOD])
def test_of_what_a_link_cannot_do_nothing_is_told(text: str) -> None:
    assert rules_of(text, "app.tsx") == []


PROJECTS: list[tuple[str, Mapping[str, str], list[tuple[str, int, str]]]] = [
    (
        "CommonJS, members of an exported object",
        {
            "src/db.js": (
                "const { exec } = require('child_process');\n"
                "function run(name) {\n"
                "  exec(name);\n"
                "}\n"
                "module.exports = { run, all: run };\n"
            ),
            "src/routes/a.js": (
                "const db = require('../db');\nexports.a = (req, res) => {\n  db.all('ls ' + req.query.d);\n};\n"
            ),
        },
        [("src/routes/a.js", 3, "shell-command")],
    ),
    (
        "CommonJS, a function exported as a whole",
        {
            "run.js": (
                "const cp = require('child_process');\n"
                "module.exports = function (name) {\n"
                "  cp.exec('ls ' + name);\n"
                "};\n"
            ),
            "a.js": "const run = require('./run');\nexports.a = (req, res) => run(req.query.d);\n",
        },
        [("run.js", 3, "shell-command")],
    ),
    (
        "ES modules, a default and a class",
        {
            "lib/store.ts": (
                "import fs from 'fs';\n"
                "export default class Store {\n"
                "  constructor(private root: string) {}\n"
                "  read(name: string) {\n"
                "    return fs.readFileSync(this.root + name);\n"
                "  }\n"
                "}\n"
            ),
            "a.ts": (
                "import Store from './lib/store';\n"
                "const store = new Store('/x');\n"
                "export const show = (req, res) => res.end(store.read(req.query.f));\n"
            ),
        },
        [("lib/store.ts", 5, "path-from-request")],
    ),
    (
        "re-exports and an alias of the package",
        {
            "src/lib/shell.ts": (
                "import { exec } from 'child_process';\nexport const shell = (c: string) => exec('ls ' + c);\n"
            ),
            "src/lib/index.ts": "export * from './shell';\nexport { shell as sh } from './shell';\n",
            "src/a.ts": "import { sh } from '@/lib';\nexport const show = (req, res) => sh(req.query.f);\n",
        },
        [("src/lib/shell.ts", 2, "shell-command")],
    ),
    (
        "a controller that a router names",
        {
            "controllers/user.js": (
                "module.exports = {\n  show(q, answer) {\n    answer.send('<p>' + q.query.n);\n  },\n};\n"
            ),
            "routes.js": (
                "const express = require('express');\n"
                "const user = require('./controllers/user');\n"
                "const router = express.Router();\n"
                "router.get('/', user.show);\n"
                "module.exports = router;\n"
            ),
        },
        [("controllers/user.js", 3, "html-from-text")],
    ),
    (
        "a promise",
        {
            "a.js": (
                "exports.a = (req, res) => {\n"
                "  Promise.resolve(req.query.n).then((n) => {\n"
                "    res.send('<p>' + n);\n"
                "  });\n"
                "};\n"
            )
        },
        [("a.js", 3, "html-from-text")],
    ),
]


@pytest.mark.parametrize(("files", "expected"), [c[1:] for c in PROJECTS], ids=[c[0] for c in PROJECTS])
def test_values_are_followed_through_the_files_of_a_project(
    files: Mapping[str, str], expected: list[tuple[str, int, str]]
) -> None:
    assert told(files) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x = " + "[" * 20_000, id="open brackets"),
        pytest.param("f(" * 3_000 + ")" * 3_000, id="calls in calls"),
        pytest.param("a" + ".b()" * 5_000, id="a long chain"),
        pytest.param("if(a){" * 3_000 + "}" * 3_000, id="blocks in blocks"),
        pytest.param("x=" + "a+" * 20_000 + "a", id="a long sum"),
        pytest.param("if(a){}else " * 3_000 + "{}", id="a long chain of else"),
        pytest.param("({a:" * 2_000 + "b" + "})" * 2_000, id="objects in objects"),
        pytest.param("<a>" * 2_000, id="elements in elements"),
        pytest.param("var " + "{a:" * 2_000 + "b" + "}" * 2_000 + " = x", id="patterns in patterns"),
        pytest.param("x => " * 2_000 + "1", id="functions in functions"),
    ],
)
def test_hostile_nesting_is_lowered(text: str) -> None:
    assert lower(JavaScriptFile.parse(Source.of("a.tsx", text))) is not None
