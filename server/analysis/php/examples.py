"""What the rules' pages show of flows in PHP, and the tests run: bad and good code."""

from server.analysis.flow.rules import UNSAFE_REFLECTION
from server.analysis.php.models.language import FILE_INCLUSION
from server.analysis.project import Files
from server.analysis.rule import Rule
from server.analysis.rules import (
    CODE_FROM_TEXT,
    HTML_FROM_TEXT,
    PATH_FROM_REQUEST,
    SHELL_COMMAND,
    SQL_FROM_TEXT,
    TEMPLATE_FROM_TEXT,
    UNSAFE_DESERIALIZATION,
    URL_FROM_REQUEST,
)

_PAGE = (
    "<?php\nrequire 'lib/items.php';\n$item = find_item($_GET['name']);\n?>\n<h1><?= htmlspecialchars($item) ?></h1>\n"
)


def _controller(statement: str) -> Files:
    """Of Laravel, with one statement."""
    return {
        "app/Http/Controllers/ItemController.php": "<?php\nnamespace App\\Http\\Controllers;\n\n"
        "use Illuminate\\Http\\Request;\nuse Illuminate\\Support\\Facades\\{DB, Http};\n\n"
        "class ItemController extends Controller\n{\n    public function show(Request $request)\n    {\n"
        f"        {statement}\n    }}\n}}\n"
    }


_LIBRARY = "<?php\nfunction find_item($name) {\n    global $pdo;\n    return QUERY;\n}\n"


def _symfony(statement: str) -> Files:
    """A controller of Symfony with one statement."""
    return {
        "src/Controller/ItemController.php": "<?php\nnamespace App\\Controller;\n\n"
        "use Doctrine\\ORM\\EntityManagerInterface;\nuse Symfony\\Component\\HttpFoundation\\{Request, Response};\n\n"
        "class ItemController\n{\n    public function __construct(private EntityManagerInterface $em) {}\n\n"
        "    public function show(Request $request, string $name)\n    {\n"
        f"        {statement}\n    }}\n}}\n"
    }


def _shortcode(markup: str) -> Files:
    return {
        "plugin.php": "<?php\nfunction badge($atts) {\n    $atts = shortcode_atts(array('title' => ''), $atts);\n"
        f"    return {markup};\n}}\nadd_shortcode('badge', 'badge');\n"
    }


_SINGLETON = (
    "<?php\nclass Db {\n  private static ?Db $one = null;\n"
    "  public static function get(): self { return self::$one ??= new self(); }\n"
    "  public function rows(string $sql) { $s = $this->pdo->prepare($sql); $s->execute(); return $s; }\n}\n"
    "Db::get()->rows(\"SELECT a FROM b WHERE c = '{$_GET['c']}'\");\n"
)

_PLAIN_SINGLETON = (
    "<?php\nclass Db {\n  private static $one;\n  private $pdo;\n"
    "  private function __construct() { $this->pdo = new PDO('x'); }\n"
    "  public static function get() { return self::$one ?: (self::$one = new self); }\n"
    "  public function row($sql) { return $this->pdo->query($sql)->fetch(); }\n}\n"
    "Db::get()->row(\"SELECT a FROM b WHERE c = {$_GET['c']}\");\n"
)

BAD: tuple[tuple[Rule, Files], ...] = (
    (SQL_FROM_TEXT, {"a.php": _PLAIN_SINGLETON}),
    (SQL_FROM_TEXT, {"a.php": _SINGLETON}),
    (
        PATH_FROM_REQUEST,
        {
            "names.php": "<?php\nfunction forget($file) { unlink('/var/cache/' . $file); }\n",
            "src/Cache.php": "<?php\nnamespace App\\Cache;\nforget($_GET['key']);\n",
        },
    ),
    (CODE_FROM_TEXT, {"a.php": "<?php\ncall_user_func($_GET['f'], 1);\n"}),
    (
        SQL_FROM_TEXT,
        {
            "index.php": _PAGE,
            "lib/items.php": _LIBRARY.replace(
                "QUERY", "mysqli_query($db, \"SELECT * FROM items WHERE name = '$name'\")"
            ),
        },
    ),
    (
        SQL_FROM_TEXT,
        {"a.php": "<?php\n$sql = sprintf(\"select * from t where a = '%s'\", $_GET['a']);\nmysqli_query($db, $sql);\n"},
    ),
    (SHELL_COMMAND, {"ping.php": "<?php\n$host = $_POST['host'];\necho '<pre>' . shell_exec(\"ping -c 1 $host\");\n"}),
    (HTML_FROM_TEXT, {"hello.php": "<h1>Hello <?= $_GET['name'] ?></h1>\n"}),
    (
        HTML_FROM_TEXT,
        {"post.php": "<?php $row = mysqli_fetch_assoc($found); ?>\n<h1><?php echo $row['title'] ?></h1>\n"},
    ),
    (
        HTML_FROM_TEXT,
        {
            "list.php": "<?php\n$db = new PDO('x');\nforeach ($db->query('select a from t') as $r) {\n"
            '  echo "<li>$r[a]</li>";\n}\n'
        },
    ),
    (FILE_INCLUSION, {"page.php": "<?php\ninclude 'pages/' . $_GET['page'] . '.php';\n"}),
    (UNSAFE_DESERIALIZATION, {"cart.php": "<?php\n$cart = unserialize($_COOKIE['cart']);\n"}),
    (
        SQL_FROM_TEXT,
        _controller("return DB::select(\"select * from items where name = '{$request->input('name')}'\");"),
    ),
    (URL_FROM_REQUEST, _controller("return Http::withToken('t')->timeout(3)->get($request->input('url'))->body();")),
    (PATH_FROM_REQUEST, _controller("return response()->download(storage_path('bills/' . $request->query('file')));")),
    (TEMPLATE_FROM_TEXT, _controller("return \\Blade::render($request->input('page'), []);")),
    (
        PATH_FROM_REQUEST,
        _controller("$file = $request->file('f'); $file->move(public_path('f'), $file->getClientOriginalName());"),
    ),
    (SQL_FROM_TEXT, _symfony("return $this->em->createQuery(\"SELECT i FROM I i WHERE i.n = '$name'\")->getResult();")),
    (
        SQL_FROM_TEXT,
        _symfony("$this->em->createQueryBuilder()->from('I', 'i')->andWhere('i.a = ' . $request->query->get('a'));"),
    ),
    (HTML_FROM_TEXT, _symfony("return new Response('<h1>' . $name . '</h1>');")),
    (HTML_FROM_TEXT, _shortcode("'<b>' . $atts['title'] . '</b>'")),
    (SHELL_COMMAND, {"ping.php": "<?php\nsystem('ping ' . escapeshellcmd($_GET['host']));\n"}),
    (
        HTML_FROM_TEXT,
        {
            "routes.php": "<?php\nuse Psr\\Http\\Message\\ResponseInterface as Response;\n"
            "use Psr\\Http\\Message\\ServerRequestInterface as Request;\n"
            "$app->get('/{name}', function (Request $request, Response $response, array $args) {\n"
            "    $response->getBody()->write('<h1>' . $args['name'] . '</h1>');\n    return $response;\n});\n"
        },
    ),
    (UNSAFE_DESERIALIZATION, {"hook.php": "<?php\n$event = unserialize(file_get_contents('php://input'));\n"}),
    (CODE_FROM_TEXT, {"save.php": "<?php\nfile_put_contents(__DIR__ . '/cache.php', $_POST['line'], FILE_APPEND);\n"}),
    (CODE_FROM_TEXT, _controller("return eval(request('code'));")),
    (HTML_FROM_TEXT, _controller("return '<h1>' . $request->query('name') . '</h1>';")),
    (UNSAFE_REFLECTION, {"make.php": "<?php\n$made = new $_GET['class']($_GET['arg']);\n"}),
    (UNSAFE_REFLECTION, _controller("$method = $request->input('method'); return $this->$method();")),
    (SQL_FROM_TEXT, {"in.php": "<?php\nextract($_POST);\nmysqli_query($db, \"SELECT a FROM t WHERE b = '$name'\");\n"}),
    (HTML_FROM_TEXT, {"keys.php": '<?php\nforeach ($_GET as $key => $value) {\n    echo "<b>$key</b>";\n}\n'}),
    (
        HTML_FROM_TEXT,
        {
            "rows.php": "<?php\n$db = mysqli_connect('h');\n$rows = $db->query('SELECT a FROM t');\n"
            "while ($row = $rows->fetch_assoc()) {\n    echo '<li>' . $row['a'];\n}\n"
        },
    ),
    (CODE_FROM_TEXT, {"fill.php": "<?php\n$page = preg_replace('/x/e', $_POST['code'], $page);\n"}),
    (SQL_FROM_TEXT, _controller("return Item::orderByRaw($request->sort)->get();")),
    (
        SQL_FROM_TEXT,
        {
            **_controller("return \\App\\Models\\Item::orderByRaw($request->sort)->get();"),
            "app/Models/Item.php": "<?php\nnamespace App\\Models;\nuse Illuminate\\Database\\Eloquent\\Model;\n\n"
            "class Item extends Model {}\n",
        },
    ),
    (CODE_FROM_TEXT, {"hook.php": "<?php\n$callback = $_GET['callback'];\necho $callback($_GET['x']);\n"}),
    (URL_FROM_REQUEST, {"proxy.php": "<?php\n$body = file_get_contents($_GET['url']);\n"}),
)

GOOD: tuple[Files, ...] = (
    {"a.php": "<?php\ninclude dirname($_SERVER['SCRIPT_FILENAME']) . '/conf.php';\n"},
    {"a.php": "<?php\necho '<b>' . $_SERVER['argv'][1];\n"},
    {
        "a.php": "<?php\nfunction named($name) { return '`' . str_replace('`', '``', $name) . '`'; }\n"
        "mysqli_query($db, 'SELECT a FROM ' . named($_GET['t']));\n"
    },
    {"a.php": "<?php\necho '<main>' . $this->template->render('a/b', ['x' => $_GET['x']]);\n"},
    {
        "names.php": "<?php\nfunction file_of($key) { return '/var/cache/' . md5($key); }\n",
        "src/Cache.php": "<?php\nnamespace App\\Cache;\nunlink(file_of($_GET['key']));\n",
    },
    {"a.php": "<?php\nfunction finish($move, $file) { return $move($file) ? 1 : 0; }\n"},
    {"a.php": "<?php\ncall_user_func('show', $_GET['x']);\nparse_str($_SERVER['QUERY_STRING'], $asked);\n"},
    _controller("return DB::select('select * from items where name like ?', ['%' . $request->input('q') . '%']);"),
    {"save.php": "<?php\nfile_put_contents('a.php', '<?php return ' . var_export($_POST, true) . ';');\n"},
    {"save.php": "<?php\nfile_put_contents('notes.txt', $_POST['line']);\n"},
    {"keys.php": "<?php\nforeach ($_GET as $key => $value) {\n    echo '<b>' . htmlspecialchars($key);\n}\n"},
    {"opt.php": "<?php\n$o = unserialize($_COOKIE['o'], ['allowed_classes' => false]);\n"},
    {"feed.php": "<?php\n$feed = simplexml_load_string($_POST['xml']);\n"},
    {"feed.php": "<?php\n$f = simplexml_load_string($_POST['xml'], SimpleXMLElement::class, LIBXML_NOCDATA);\n"},
    {
        "app/Http/Middleware/Only.php": "<?php\nnamespace App\\Http\\Middleware;\nuse Closure;\n"
        "class Only {\n    public function handle($request, Closure $next) { return $next($request); }\n}\n"
    },
    {"each.php": "<?php\n$show = function ($x) { return (int) $x; };\necho $show($_GET['x']);\n"},
    _controller("return response()->download(storage_path('bills/' . basename($request->query('file'))));"),
    _controller("$file = $request->file('f'); $file->move(public_path('f'), $file->hashName());"),
    {
        "cover.php": "<?php\n$path = realpath('/srv/covers/' . $_GET['file']);\n"
        "if ($path === false || strpos($path, '/srv/covers/') !== 0) {\n    exit;\n}\nreadfile($path);\n"
    },
    {"name.php": "<?php\nfunction name() {\n    header('Content-Type: text/plain');\n    echo $_GET['name'];\n}\n"},
    {
        "codes.php": "<?php\n$code = $_GET['code'] ?? '';\nif (preg_match('/^[A-Z]{3}$/', $code)) {\n"
        "    mysqli_query($db, \"SELECT a FROM t WHERE b = '$code'\");\n}\nif (ctype_digit($_GET['n'])) {\n"
        "    mysqli_query($db, 'SELECT a FROM t LIMIT ' . $_GET['n']);\n}\n"
        "$id = filter_input(INPUT_GET, 'id', FILTER_VALIDATE_INT);\n"
        "mysqli_query($db, 'SELECT a FROM t WHERE id = ' . $id);\n"
    },
    _symfony("return $this->em->find('I', $name)->render();"),
    _symfony("return new Response('<h1>' . htmlspecialchars($name) . '</h1>');"),
    _shortcode("'<b>' . esc_html($atts['title']) . '</b>'"),
    {
        "list.php": "<?php\n$by = $_GET['by'];\nif (!in_array($by, array('id', 'name'), true)) {\n    $by = 'id';\n}\n"
        "$ids = implode(',', array_map('intval', $_GET['ids']));\n"
        '$rows = mysqli_query($db, "SELECT * FROM t WHERE id IN ($ids) ORDER BY $by");\n'
        "$count = mysqli_query($db, sprintf('SELECT count(*) FROM t WHERE a = %d', $_GET['a']));\n"
    },
    {"post.php": "<?php $row = mysqli_fetch_assoc($found); ?>\n<h1><?= htmlspecialchars($row['title']) ?></h1>\n"},
    {"post.php": "<?php $row = mysqli_fetch_assoc($found); ?>\n<h1 id='<?= $row['id'] ?>'>Hello</h1>\n"},
    {"post.php": "<?php\n$row = mysqli_fetch_assoc($found);\necho json_encode($row), $row['title'];\n"},
    {
        "index.php": _PAGE,
        "lib/items.php": _LIBRARY.replace(
            "QUERY", 'mysqli_query($db, "SELECT * FROM items WHERE id = " . intval($name))'
        ),
    },
    {"ping.php": "<?php\n$host = escapeshellarg($_POST['host']);\n$out = shell_exec(\"ping -c 1 $host\");\n"},
    {"upload.php": "<?php\n$size = getimagesize($_FILES['a']['tmp_name']);\nreadfile($_FILES['a']['tmp_name']);\n"},
    {"hello.php": "<h1>Hello <?= htmlspecialchars($_GET['name']) ?></h1>\n"},
    {"page.php": "<?php\nif ($_GET['page'] === 'about') {\n    include 'pages/about.php';\n}\n"},
)
