"""Small projects for what functions of JavaScript are asked: bad ones by rule, and good ones. Data."""

from server.analysis.flow.rules import REGEX_FROM_REQUEST, RESOURCE_EXHAUSTION
from server.analysis.project import Files
from server.analysis.python.storage import PLAIN_PASSWORD
from server.analysis.rule import Rule
from server.analysis.text.credentials import HARDCODED_KEY
from server.analysis.web.amounts import CLIENT_PRICE, NEGATIVE_AMOUNT, OUTRUN_CHECK
from server.analysis.web.columns import SECRET_FIELD
from server.analysis.web.decisions import CLIENT_IDENTITY
from server.analysis.web.enumeration import USER_ENUMERATION
from server.analysis.web.formulas import CSV_FORMULA
from server.analysis.web.sessions import PASSWORD_WITHOUT_OLD, RESET_LINK_HOST, RESET_WITHOUT_PROOF
from server.analysis.web.uploads import UNCHECKED_UPLOAD

_TAKE = (
    "export class Items {\n  async take(id: number, amount: number) {\n"
    "    const item = await this.items.findOneBy({ id });\n    %sif (item.stock >= amount) {\n"
    "      item.stock -= amount;\n      await this.items.save(item);\n    }\n  }\n}\n"
)
_ORDER = (
    "router.post('/orders', requireLogin, async (req, res) => {\n  const { sku } = req.body;\n"
    "  const order = await Order.create({ sku, user: req.user.id, total: %s });\n  res.json({ id: order.id });\n});\n"
)
_TRANSFER = (
    "router.post('/transfer', requireLogin, async (req, res) => {\n  const { to, amount } = req.body;\n%s"
    "  await bank.transfer(req.user.id, to, amount);\n  res.end();\n});\n"
)
_CSV = "exports.toCsv = (users) => users.map((user) => [user.id, %s].join(',')).join('\\n');\n"
_RESET = (
    "router.post('/forgot', async (req, res) => {\n  const token = await tokens.make(String(req.body.email));\n"
    "  const link = `https://${%s}/reset?token=${token}`;\n  await mailer.send(req.body.email, link);\n"
    "  res.end();\n});\n"
)
_LOGIN = (
    "async function login(req, res) {\n  const user = await User.findOne({ email: String(req.body.email) });\n"
    "  if (!user) return res.status(401).json({ problem: '%s' });\n"
    "  if (!(await bcrypt.compare(req.body.password, user.hash))) {\n"
    "    return res.status(401).json({ problem: 'That did not work' });\n  }\n"
    "  res.json({ token: tokenOf(user) });\n}\n"
)
_FINDS = "async function enter(email, password) {\n  return User.findOne({ email: String(email), password: %s });\n}\n"
_KEEPS = (
    "async function change(form) {\n  const password = String(form.get('password'));\n"
    "  await db.user.update({ where: { id: me }, data: { password%s } });\n}\n"
)
_ACTION = "'use server';\nexport " + _KEEPS
_CHECKS = (
    "import { db } from './db';\nexport async function enter(email: string, password: string) {\n"
    "  const user = await db.user.findUnique({ where: { email } });\n"
    "  return user !== null && (await bcrypt.compare(password, user.passwordHash));\n}\n"
)
_LISTS = (
    "import { db } from './db';\nexport async function GET() {\n  const users = await db.user.findMany(%s);\n"
    "  return Response.json(users);\n}\n"
)
_CELLS = (
    "app.get('/cells', (req, res) => {\n  const n = Number(req.query.n);\n"
    "  res.json({ cells: Buffer.alloc(%s).toString('hex') });\n});\n"
)
_LOTS = "app.get('/lots', async (request) => lots.find({ title: { $regex: %s } }).toArray());\n"
_RESETS = (
    "export const resetPassword = async (req, res) => {\n  const { email, password } = req.body;\n  %s\n"
    "  await User.update({ password: await bcrypt.hash(password, 12) }, { where: { email } });\n  res.end();\n};\n"
)
_STAFF = "export async function staff(request, reply) {\n  if (%s !== 'staff') return reply.code(403).send({});\n}\n"
_PICTURES = (
    "export default async (app) => {\n  app.post('/pictures', async (request) => {\n"
    "    const part = await request.file();\n"
    "    await fs.writeFile(path.join(FOLDER, %s), await part.toBuffer());\n  });\n};\n"
)
_SEND = (
    "export default async (app) => {\n  app.post('/send', async (request, reply) => {\n"
    "    const amount = Math.abs(request.body.amount);\n"
    "    const own = await people.findOne({ _id: request.person.id });\n"
    "    if (own.funds < amount) return reply.code(400).send({});\n"
    "    await people.updateOne({ _id: own._id%s }, { $set: { funds: own.funds - amount } });\n"
    "  });\n};\n"
)
_CARDS = (
    "export class Cards {\n  private readonly material = %s;\n  seal(text: string) {\n"
    "    return createCipheriv('aes-256-gcm', this.material, iv()).update(text);\n  }\n}\n"
)
_SIGNS = (
    "const signer = new TextEncoder().encode(%s);\n"
    "export const issue = (id) => new SignJWT({ id }).setExpirationTime('1h').sign(signer);\n"
)
_NEST = {
    "user.entity.ts": "@Entity()\nexport class User {\n  @Column() email: string;\n"
    "  @Column(%s) password: string;\n}\n",
    "users.service.ts": "@Injectable()\nexport class UsersService {\n"
    "  constructor(@InjectRepository(User) private users: Repository<User>) {}\n"
    "  all() {\n    return this.users.find();\n  }\n}\n",
    "users.controller.ts": "@Controller('users')\nexport class UsersController {\n"
    "  constructor(private readonly users: UsersService) {}\n  @Get()\n  all() {\n"
    "    return this.users.all();\n  }\n}\n",
}


def _nest(column: str) -> Files:
    return {**_NEST, "user.entity.ts": _NEST["user.entity.ts"] % column}


BAD: tuple[tuple[Rule, Files], ...] = (
    (OUTRUN_CHECK, {"items.ts": _TAKE % ""}),
    (CLIENT_PRICE, {"orders.js": _ORDER % "req.body.total"}),
    (NEGATIVE_AMOUNT, {"bank.js": _TRANSFER % ""}),
    (CSV_FORMULA, {"tables.js": _CSV % "user.name"}),
    (RESET_LINK_HOST, {"session.js": _RESET % "req.headers.host"}),
    (RESET_LINK_HOST, {"session.js": _RESET % "req.get('host')"}),
    (REGEX_FROM_REQUEST, {"lots.ts": _LOTS % "request.query.q"}),
    (RESET_WITHOUT_PROOF, {"reset.ts": _RESETS % ""}),
    (PASSWORD_WITHOUT_OLD, {"change.ts": _RESETS.replace("resetPassword", "changePassword") % ""}),
    (CLIENT_IDENTITY, {"staff.ts": _STAFF.replace("!== 'staff'", "!== 'true'") % "request.query.operator"}),
    (CLIENT_IDENTITY, {"staff.ts": _STAFF % "request.headers['x-level']"}),
    (UNCHECKED_UPLOAD, {"pictures.ts": _PICTURES % "part.filename"}),
    (OUTRUN_CHECK, {"send.ts": _SEND % ""}),
    (RESOURCE_EXHAUSTION, {"cells.js": _CELLS % "n"}),
    (HARDCODED_KEY, {"cards.ts": _CARDS % "Buffer.from('5a1f7c3390ab', 'hex')"}),
    (HARDCODED_KEY, {"session.ts": _SIGNS % "process.env.SESSION_SIGNER ?? 'tickets-signer'"}),
    (USER_ENUMERATION, {"login.js": _LOGIN % "We do not know you"}),
    (PLAIN_PASSWORD, {"login.js": _FINDS % "password"}),
    (PLAIN_PASSWORD, {"app/actions.ts": _ACTION % ""}),
    (SECRET_FIELD, {"login.ts": _CHECKS, "app/api/users/route.ts": _LISTS % ""}),
    (SECRET_FIELD, _nest("")),
)
GOOD: tuple[Files, ...] = (
    {"items.ts": _TAKE % "await lock(id);\n    "},
    {"items.ts": _TAKE.replace("item.stock -= amount", "item.wanted = amount") % ""},
    {"orders.js": _ORDER % "await priceOf(sku)"},
    {"bank.js": _TRANSFER % "  if (!(amount > 0)) return res.sendStatus(400);\n"},
    {"tables.js": _CSV % "user.visits"},
    {"tables.js": _CSV % "neutralised(user.name)"},
    {"reset.ts": _RESETS % "await redeem(req.body.token);"},
    {"list.ts": _STAFF.replace("!== 'staff'", "!== 'true'") % "request.query.archived"},
    {"lots.ts": _LOTS % "escapeRegExp(request.query.q)"},
    {"staff.ts": _STAFF % "request.person.level"},
    {"pictures.ts": _PICTURES % "`${randomUUID()}.png`"},
    {"send.ts": _SEND % ", funds: { $gte: amount }"},
    {"cells.js": _CELLS % "Math.min(n, 4096)"},
    {"cells.js": _CELLS.replace("const n", "if (req.query.n > 99) return;\n  const n") % "req.query.n"},
    {"cards.ts": _CARDS % "Buffer.from(process.env.CARDS, 'hex')"},
    {"session.ts": _SIGNS % "process.env.SESSION_SIGNER"},
    {"session.js": _RESET % "settings.host"},
    {"session.js": "app.use((req, res) => res.redirect(`https://${req.headers.host}${req.url}`));\n"},
    {"login.js": _LOGIN % "That did not work"},
    {"login.js": _FINDS % "await hash(password)"},
    {"app/actions.ts": _ACTION % ": await bcrypt.hash(password, 12)"},
    {"app/actions.ts": _ACTION % "", "user.js": "schema.pre('save', async function () { await this.hash(); });\n"},
    {"login.ts": _CHECKS, "app/api/users/route.ts": _LISTS % "{ select: { id: true } }"},
    {"app/api/users/route.ts": _LISTS % ""},
    _nest("{ select: false }"),
)
