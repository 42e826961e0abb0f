"""Small programs of JavaScript in which a hostile value does harm, and the same made safe: for the rules' pages."""

from server.analysis.flow.rules import MASS_ASSIGNMENT, NOSQL_INJECTION, UNSAFE_REFLECTION
from server.analysis.javascript.models.rules import PROTOTYPE_POLLUTION, SCRIPT_ADDRESS
from server.analysis.project import Files
from server.analysis.rule import Rule
from server.analysis.rules import (
    CODE_FROM_TEXT,
    HTML_FROM_TEXT,
    OPEN_REDIRECT,
    PATH_FROM_REQUEST,
    PERMISSIVE_CORS,
    SHELL_COMMAND,
    SQL_FROM_TEXT,
    URL_FROM_REQUEST,
)


def _handler(statement: str, imports: str = "") -> Files:
    return {"app.js": f"{imports}app.post('/', async (req, res) => {{\n  {statement}\n}});\n"}


_MONGOOSE = "const mongoose = require('mongoose');\nconst User = mongoose.model('User', schema);\n"
_MYSQL = "const db = require('mysql2').createPool({});\n"
_EXEC = "const { exec, execFile } = require('child_process');\n"
_LODASH = "const _ = require('lodash');\n"

_PAGE = (
    "export default async function Page({ searchParams }: { searchParams: { from?: string } }) {\n"
    "  return <main>%s</main>;\n}\n"
)
_ELEMENT = (
    "const plugin = new URLSearchParams(location.search).get('plugin');\nconst el = document.createElement('%s');\n"
    "el.%s;\ndocument.head.appendChild(el);\n"
)
_MIDDLEWARE = (
    "import { NextRequest, NextResponse } from 'next/server';\nexport function middleware(req: NextRequest) {\n"
    "  return %s;\n}\n"
)

_ACTIVE = (
    "import { Model } from 'sequelize';\nexport class Person extends Model {}\n"
    "app.post('/people', async (req, res) => {\n  await Person.create(%s);\n  res.end();\n});\n"
)
_TYPED = (
    "import { Collection, Db } from 'mongodb';\nlet db: Db;\n"
    "const people = (): Collection<Person> => db.collection<Person>('people');\n"
    "app.post('/login', async (req, res) => {\n  res.json(await people().findOne({ mail: %s }));\n});\n"
)
_NEST = (
    "import { Body, Controller, Get, Post, Redirect, Query } from '@nestjs/common';\n"
    "@Controller('people')\nexport class People {\n  constructor(private readonly people: Repository<Person>) {}\n%s}\n"
)

BAD: tuple[tuple[Rule, Files], ...] = (
    (MASS_ASSIGNMENT, {"models.ts": _ACTIVE % "{ ...req.body, level: 1 }"}),
    (NOSQL_INJECTION, {"people.ts": _TYPED % "req.body.mail"}),
    (
        OPEN_REDIRECT,
        {
            "people.ts": _NEST
            % "  @Get('on')\n  @Redirect()\n  on(@Query('to') to: string) {\n    return { url: to };\n  }\n"
        },
    ),
    (SQL_FROM_TEXT, _handler("await db.query(`SELECT a FROM t WHERE b = '${req.query.b}'`);", _MYSQL)),
    (SHELL_COMMAND, _handler("exec('ping ' + req.query.host);", _EXEC)),
    (CODE_FROM_TEXT, _handler("eval(req.body.code);")),
    (HTML_FROM_TEXT, _handler("res.send('<p>' + req.query.q + '</p>');")),
    (
        HTML_FROM_TEXT,
        _handler("const u = await User.findById(req.params.id);\nres.send(`<p>${u.name}</p>`);", _MONGOOSE),
    ),
    (
        SHELL_COMMAND,
        {
            "server.js": f"{_EXEC}require('http').createServer((req, res) => {{\n  let body = '';\n"
            "  req.on('data', (chunk) => (body += chunk));\n  req.on('end', () => exec(JSON.parse(body).name));\n});\n"
        },
    ),
    (
        SQL_FROM_TEXT,
        {
            "src/lib/db.ts": "import mysql from 'mysql2';\nexport const db = mysql.createPool({});\n"
            "export const rows = (sql: string) => db.query(sql);\n",
            "src/items.ts": "import express from 'express';\nimport { rows } from '@lib/db';\n"
            "const app = express();\napp.get('/', async (req, res) => {\n"
            "  res.json(await rows('SELECT a FROM b WHERE c = ' + req.query.c));\n});\n",
        },
    ),
    (HTML_FROM_TEXT, {"page.html": "<p id=a></p>\n<script>\na.innerHTML = location.hash;\n</script>\n"}),
    (PATH_FROM_REQUEST, _handler("res.sendFile('files/' + req.query.name);")),
    (URL_FROM_REQUEST, _handler("await fetch(req.body.url);")),
    (OPEN_REDIRECT, _handler("res.redirect(req.query.next);")),
    (NOSQL_INJECTION, _handler("await User.findOne({ password: req.body.password });", _MONGOOSE)),
    (MASS_ASSIGNMENT, _handler("await User.create(req.body);", _MONGOOSE)),
    (PROTOTYPE_POLLUTION, _handler("_.merge(settings, req.body);", _LODASH)),
    (PERMISSIVE_CORS, _handler("res.setHeader('Access-Control-Allow-Origin', req.headers.origin);")),
)

BAD += (
    (UNSAFE_REFLECTION, _handler("res.json(handlers[req.body.method](1));")),
    (SCRIPT_ADDRESS, {"app/a/page.tsx": _PAGE % "<a href={searchParams.from}>Back</a>"}),
    (SCRIPT_ADDRESS, {"app/a/page.tsx": _PAGE % "<iframe src={searchParams.from} />"}),
    (SCRIPT_ADDRESS, {"a.js": _ELEMENT % ("script", "src = plugin")}),
    (HTML_FROM_TEXT, {"a.js": _ELEMENT % ("script", "text = plugin")}),
    (URL_FROM_REQUEST, {"middleware.ts": _MIDDLEWARE % "NextResponse.rewrite(req.nextUrl.searchParams.get('to'))"}),
    (
        HTML_FROM_TEXT,
        {
            "a.controller.ts": "import { Controller, Get, Query } from '@nestjs/common';\n@Controller('a')\n"
            "export class A {\n  @Get()\n  card(@Query('t') t: string) {\n    return `<h1>${t}</h1>`;\n  }\n}\n"
        },
    ),
    (
        PATH_FROM_REQUEST,
        {
            "main.js": "const { ipcMain } = require('electron');\nconst fs = require('fs');\n"
            "ipcMain.handle('read', (event, name) => fs.readFileSync('/srv/notes/' + name, 'utf8'));\n"
        },
    ),
)

GOOD: tuple[Files, ...] = (
    {"a.js": _ELEMENT % ("img", "src = plugin")},
    {"a.js": _ELEMENT % ("script", "src = '/plugins/' + encodeURIComponent(plugin) + '.js'")},
    {"a.js": _ELEMENT % ("p", "textContent = plugin")},
    {"models.ts": _ACTIVE % "{ mail: req.body.mail, level: 1 }"},
    {"people.ts": _TYPED % "String(req.body.mail)"},
    {
        "people.ts": _NEST
        % "  @Post()\n  add(@Body('name') name: string) {\n    return this.people.insert({ name: `${name}!` });\n"
        "  }\n  @Get()\n  all() {\n    return this.people.all();\n  }\n"
    },
    _handler("if (!['list', 'get'].includes(req.body.method)) return;\n  res.json(handlers[req.body.method](1));"),
    _handler("res.json(handlers[0](req.body.method));"),
    {"app/a/page.tsx": _PAGE % "<img src={searchParams.from} />"},
    {"app/a/page.tsx": _PAGE % "<a href={`/items/${searchParams.from}`}>Back</a>"},
    {"middleware.ts": _MIDDLEWARE % "NextResponse.rewrite(new URL('/home', req.url))"},
    {
        "a.controller.ts": "import { Controller, Get, Query } from '@nestjs/common';\n@Controller('a')\n"
        "export class A {\n  @Get()\n  card(@Query('title') title: string) {\n    return { title };\n  }\n}\n"
    },
    _handler("await db.query('SELECT a FROM t WHERE b = ?', [req.query.b]);", _MYSQL),
    _handler("execFile('ping', [req.query.host]);", _EXEC),
    _handler("res.send({ q: req.query.q });"),
    {"page.html": "<p id=a></p>\n<script>\na.textContent = location.hash;\n</script>\n"},
    _handler("res.sendFile(req.query.name, { root: FILES });"),
    _handler("await fetch('https://api.example.com/users/' + req.params.id);"),
    _handler("res.redirect('/users/' + req.params.id);"),
    _handler("await User.findOne({ name: String(req.body.name) });", _MONGOOSE),
    _handler("await User.create({ name: req.body.name });", _MONGOOSE),
    _handler("const link = await Link.findOne({ code: String(req.params.code) });\nres.redirect(link.url);", _MONGOOSE),
)
