"""Small projects for the routes of JavaScript: bad ones by rule, and good ones. Data."""

from server.analysis.project import Files
from server.analysis.rule import Rule
from server.analysis.web.authentication import MISSING_AUTHENTICATION, MISSING_ROLE_CHECK
from server.analysis.web.forgery import CHANGE_BY_GET, NO_CSRF_PROTECTION
from server.analysis.web.ownership import FOREIGN_OBJECT
from server.analysis.web.throttling import UNLIMITED_ATTEMPTS
from server.analysis.web.webhooks import UNSIGNED_WEBHOOK

_HEAD = "const router = require('express').Router();\n"
_SESSION = "const app = require('express')();\napp.use(session({ secret, resave: false }));\n"
_CHANGES = "app.post('/a', limiter, (req, res) => add(req.body.a));\napp.post('/b', (req, res) => res.end());\n"
_LOGIN_ROUTE = "router.post('/login', async (req, res) => {\n  await check(req.body.password);\n});\n"
_SLOW = "const slow = rateLimit({ max: 5 });\n"
_GET = _SESSION.replace("resave: false", "cookie: { sameSite: 'lax' }") + "app.%s, "
_REMOVED = (
    "async (req, res) => {\n  await notes.deleteOne({ _id: req.params.id, owner: req.user.id });\n  res.end();\n});\n"
)
_GUARDED = "router.post('/a', requireLogin, async (req, res) => {\n  await A.create({ by: req.user.id });\n});\n"
_FASTIFY = (
    "export default async (app) => {\n%sapp.put('/a', { preHandler: auth }, async (request) => save(request.user));\n"
)
_KNOWN = "export async function known(request, reply) {\n  if (!request.user) return reply.code(401).send({});\n}\n"
_REMOVES = (
    "app.delete('/a/:id', async (request) => {\n  await a.delete({ where: { id: request.params.id } });\n});\n}\n"
)
_NEST = (
    "@Controller('admin')\nGUARD\nexport class AdminController {\n  @Get('users')\n  async all() {\n"
    "    return this.users.find();\n  }\n}\n"
)
_NEST_LOGIN = (
    "@Controller('auth')\nexport class AuthController {\n  @Post('login')\n  @Throttle(5, 60)\n"
    "  async login(@Body() body: Login) {\n    return this.check(body.password);\n  }\n}\n"
)
_LAYERS = {
    "routes.ts": "import { OrderController } from './controller';\nconst orders = new OrderController();\n"
    "router.delete('/orders/:id', authenticate, orders.remove);\n",
    "service.ts": "export class Orders {\n  async drop(id: number) {\n    await this.repository.delete(id);\n  }\n"
    "  async dropOf(id: number, userId: number) {\n    await this.repository.delete({ id, userId });\n  }\n}\n",
}
_CONTROLLER = (
    "export class OrderController {\n  remove = async (req: Request, res: Response) => {\n"
    "    await this.orders.%s;\n    res.end();\n  };\n}\n"
)
_ACTION = (
    "'use server';\nexport async function drop(id: string) {\n  %sawait prisma.note.delete({ where: { id%s } });\n}\n"
)

_HOOK = (
    "export async function POST(req: Request) {\n  const event = await req.json();\n  %s"
    "await prisma.order.update({ where: { id: event.id }, data: { paid: true } });\n}\n"
)
_NEXT_ROUTE = (
    "export async function DELETE(req: NextRequest) {\n  %s"
    "await pool.query('DELETE FROM notes WHERE id = $1', [req.nextUrl.searchParams.get('n')]);\n}\n"
)
_NEXT_ACTIONS = {
    "app/actions.ts": "'use server';\nexport async function a() {\n  await requireUser();\n}\n"
    "export async function b() {\n  await requireUser();\n}\n"
}

BAD: tuple[tuple[Rule, Files], ...] = (
    (NO_CSRF_PROTECTION, {"app.js": _SESSION + _CHANGES}),
    (UNLIMITED_ATTEMPTS, {"routes.js": _HEAD + _LOGIN_ROUTE}),
    (UNLIMITED_ATTEMPTS, {"a.js": _HEAD + _SLOW + "app.post('/forgot', slow, forgot);\n" + _LOGIN_ROUTE}),
    (CHANGE_BY_GET, {"app.js": _GET % "get('/notes/:id/delete', requireLogin" + _REMOVED}),
    (UNSIGNED_WEBHOOK, {"app/api/hooks/stripe/route.ts": _HOOK % ""}),
    (MISSING_AUTHENTICATION, {**_NEXT_ACTIONS, "app/api/notes/route.ts": _NEXT_ROUTE % ""}),
    (
        MISSING_AUTHENTICATION,
        {
            **_NEXT_ACTIONS,
            "pages/api/notes/[id].ts": "export default async function handler(req, res) {\n"
            "  if (req.method === 'PUT') {\n    await prisma.note.update({ where: { id: 1 }, data });\n  }\n}\n",
        },
    ),
    (
        UNLIMITED_ATTEMPTS,
        {
            "routes.js": _HEAD + "const users = require('./users');\nrouter.post('/signin', users.enter);\n",
            "users.js": "exports.enter = async (req, res) => {\n  await check(req.body.password);\n};\n",
        },
    ),
    (
        MISSING_AUTHENTICATION,
        {
            "a.js": _HEAD
            + _GUARDED
            + "router.delete('/a/:id', async (req, res) => {\n  await A.deleteOne({ _id: req.params.id });\n});\n"
        },
    ),
    (
        MISSING_AUTHENTICATION,
        {
            "a.js": _HEAD + _GUARDED + "router.get('/admin/users', async (req, res) => {\n"
            "  res.json(await User.findAll());\n});\n"
        },
    ),
    (MISSING_AUTHENTICATION, {"a.ts": _FASTIFY % "app.addHook('onSend', compress);\n" + _REMOVES}),
    (
        MISSING_AUTHENTICATION,
        {
            "a.js": _HEAD
            + "router.use((req, res, next) => {\n  res.set('Access-Control-Allow-Origin', '*');\n  next();\n});\n"
            + _GUARDED
            + "router.get('/admin/users', async (req, res) => {\n  res.json(await User.findAll());\n});\n"
        },
    ),
    (MISSING_AUTHENTICATION, {"admin.controller.ts": _NEST.replace("GUARD", ""), "auth.ts": _NEST_LOGIN}),
    (
        MISSING_ROLE_CHECK,
        {"admin.controller.ts": _NEST.replace("GUARD", "@UseGuards(JwtAuthGuard)"), "auth.ts": _NEST_LOGIN},
    ),
    (
        MISSING_ROLE_CHECK,
        {
            "app.js": "const app = require('express')();\napp.use('/admin', requireLogin, require('./members'));\n",
            "members.js": _HEAD + "router.get('/list', async (req, res) => {\n"
            "  res.json(await User.findAll());\n});\nmodule.exports = router;\n",
        },
    ),
    (
        FOREIGN_OBJECT,
        {
            "a.js": _HEAD
            + "router.delete('/a/:id', requireLogin, async (req, res) => {\n"
            + "  await A.findByIdAndDelete(req.params.id);\n});\n"
        },
    ),
    (
        FOREIGN_OBJECT,
        {
            "app.js": "const express = require('express');\nconst app = express();\n"
            "app.use('/orders', authenticate, require('./orders'));\n",
            "orders.js": _HEAD
            + "router.get('/orders/:id', async (req, res) => {\n  const { id } = req.params;\n"
            + "  res.json(await Order.findById(id));\n});\nmodule.exports = router;\n",
        },
    ),
    (FOREIGN_OBJECT, {**_LAYERS, "controller.ts": _CONTROLLER % "drop(Number(req.params.id))"}),
    (FOREIGN_OBJECT, {"app/actions.ts": _ACTION % ("await requireSession();\n  ", "")}),
)
GOOD: tuple[Files, ...] = (
    {**_LAYERS, "controller.ts": _CONTROLLER % "dropOf(Number(req.params.id), this.user(req).id)"},
    {"app/actions.ts": _ACTION % ("const { userId } = await requireSession();\n  ", ", userId")},
    {"app/actions.ts": _ACTION % ("await requireAdmin();\n  ", "")},
    {"admin.controller.ts": _NEST.replace("GUARD", "@UseGuards(JwtAuthGuard, RolesGuard)"), "auth.ts": _NEST_LOGIN},
    {
        "a.js": _HEAD + _GUARDED + "router.get('/admin/users', requireLogin, isAdmin, async (req, res) => {\n"
        "  res.json(await User.findAll());\n});\n"
    },
    {"a.js": _HEAD + "router.get('/admin/users', async (req, res) => {\n  res.json(await User.findAll());\n});\n"},
    {"a.ts": _FASTIFY % "app.addHook('preHandler', authenticateAdmin);\n" + _REMOVES},
    {
        "app.ts": "import { members } from './members';\nexport default (app) => {\n"
        "  app.addHook('onRequest', requireAdmin);\n  app.register(members, { prefix: '/members' });\n};\n",
        "members.ts": _FASTIFY.replace("default", "const members =", 1) % "" + _REMOVES,
    },
    {
        "a.js": _HEAD
        + "router.use((req, res, next) => {\n  if (!req.session.user) return res.sendStatus(401);\n  next();\n});\n"
        + _GUARDED
        + "router.get('/admin/users', isAdmin, async (req, res) => {\n  res.json(await User.findAll());\n});\n"
    },
    {"app/api/hooks/stripe/route.ts": _HOOK % "stripe.webhooks.constructEvent(event, s, KEY);\n  "},
    {"app/api/notes/route.ts": _NEXT_ROUTE % ""},
    {**_NEXT_ACTIONS, "app/api/notes/route.ts": _NEXT_ROUTE % "await requireUser();\n  "},
    {
        **_NEXT_ACTIONS,
        "app/api/notes/route.ts": _NEXT_ROUTE % "",
        "middleware.ts": "export function middleware(req) {\n  if (!req.auth) return deny();\n}\n",
    },
    {
        "a.ts": _FASTIFY % ""
        + _REMOVES.replace("'/a/:id', ", "'/a/:id', { preHandler: known }, ").replace(
            "where: { id: request.params.id }", "where: { id: request.params.id, by: request.user.id }"
        ),
        "known.ts": _KNOWN,
    },
    {"app.js": _SESSION.replace("resave: false", "cookie: { sameSite: 'lax' }") + _CHANGES},
    {"a.js": _HEAD + "app.use(rateLimit({ max: 5 }));\n" + _LOGIN_ROUTE},
    {"a.js": _HEAD + _SLOW + _LOGIN_ROUTE.replace("'/login',", "'/login', slow,")},
    {"app.js": _HEAD + _SLOW + "app.use('/login', slow);\n", "a.js": _HEAD + _LOGIN_ROUTE},
    {"app.js": _GET % "post('/notes/:id/delete', requireLogin" + _REMOVED},
    {
        "a.js": _HEAD
        + _GUARDED
        + "router.delete('/a/:id', requireLogin, async (req, res) => {\n"
        + "  await A.deleteOne({ _id: req.params.id, owner: req.user.id });\n});\n"
    },
    {
        "a.js": _HEAD + "router.use(requireLogin);\n" + "router.delete('/a/:id', requireAdmin, async (req, res) => {\n"
        "  await A.findByIdAndDelete(req.params.id);\n"
        "});\n"
    },
    {
        "a.js": _HEAD
        + _GUARDED
        + "router.post('/register', async (req, res) => {\n  await User.create({ name: req.body.name });\n});\n"
        + "router.get('/posts/:id', requireLogin, async (req, res) => {\n"
        "  res.json(await Post.findById(req.params.id));\n"
        "});\n"
    },
    {"a.js": "import axios from 'axios';\naxios.post('/login', { password });\n"},
)
