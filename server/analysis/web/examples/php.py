"""Small projects of PHP for the rules of web applications: bad ones by rule, and good ones. Data."""

from collections.abc import Mapping

from server.analysis.project import Files

_ROUTES = """\
<?php
use App\\Http\\Controllers\\OrderController;
use Illuminate\\Support\\Facades\\Route;
Route::middleware('auth')->group(function () {
    Route::get('/orders', [OrderController::class, 'index']);
    Route::delete('/orders/{order}', [OrderController::class, 'destroy']);
});
"""
_OPEN = "Route::delete('/orders/{order}', [OrderController::class, 'destroy']);\n"
_HEAD = "<?php\nnamespace App\\Http\\Controllers;\nuse App\\Models\\Order;\nuse Illuminate\\Http\\Request;\n"
_CLASS = _HEAD + "class OrderController extends Controller {\n"
_INDEX = "    public function index(Request $request) { return $request->user()->orders()->get(); }\n"
_DESTROY = "    public function destroy(Order $order) { $order->delete(); return back(); }\n}\n"
_ORDER = (
    "<?php\nnamespace App\\Models;\nclass Order extends Model {\n    protected $fillable = ['user_id', 'address'];\n}\n"
)
_AUTH = "<?php\nsession_start();\nif (!isset($_SESSION['user_id'])) { header('Location: /login.php'); exit; }\n"
_LOAN = (
    "<?php\nrequire __DIR__ . '/auth.php';\n$stmt = $pdo->prepare('DELETE FROM loans WHERE id = ?');\n"
    "$stmt->execute([$_POST['id']]);\n"
)
_CHECKED = "<?php\nsession_start();\nif (password_verify($_POST['password'], $row['hash'])) {\n"
_LIMITED = "<?php\nsession_start();\nif ($limiter->tooManyAttempts($_POST['name'])) { exit; }\n"

BAD: Mapping[str, tuple[Files, ...]] = {
    "foreign-object": (
        {
            "routes/web.php": _ROUTES,
            "app/Models/Order.php": _ORDER,
            "app/Http/Controllers/OrderController.php": _CLASS + _INDEX + _DESTROY,
        },
        {
            "auth.php": _AUTH,
            "loan.php": _LOAN,
            "mine.php": "<?php\nrequire __DIR__ . '/auth.php';\n"
            "$s = $pdo->prepare('SELECT id FROM loans WHERE user_id = ?');\n$s->execute([$_SESSION['user_id']]);\n"
            "echo count($_GET);\n",
        },
    ),
    "unguarded-object": (
        {
            "routes/web.php": _ROUTES.replace(
                "    Route::delete('/orders/{order}', [OrderController::class, 'destroy']);\n", ""
            )
            + _OPEN,
            "app/Models/Order.php": _ORDER,
            "app/Http/Controllers/OrderController.php": _CLASS + _INDEX + _DESTROY,
        },
    ),
    "unlimited-attempts": (
        {"login.php": _CHECKED + "    session_regenerate_id(true);\n    $_SESSION['user_id'] = $row['id'];\n}\n"},
    ),
    "session-fixation": ({"login.php": _CHECKED + "    $_SESSION['user_id'] = $row['id'];\n}\n"},),
    "mass-assignment": (
        {
            "app/Http/Controllers/ProfileController.php": _HEAD
            + "class ProfileController extends Controller {\n"
            + "    public function update(Request $request) { $request->user()->update($request->all()); }\n}\n"
        },
    ),
    "error-details": (
        {
            "save.php": "<?php\ntry {\n    save($_POST['name']);\n} catch (Exception $e) {\n"
            "    echo $e->getMessage(), $e->getTraceAsString();\n}\n"
        },
    ),
    "unchecked-upload": (
        {
            "keep.php": "<?php\n$name = basename($_FILES['f']['name']);\n"
            "move_uploaded_file($_FILES['f']['tmp_name'], 'files/' . $name);\n"
        },
    ),
    "client-identity": ({"admin.php": "<?php\nif ($_COOKIE['is_admin'] === '1') {\n    remove($_POST['page']);\n}\n"},),
    "password-without-old": (
        {
            "app/Http/Controllers/ProfileController.php": _HEAD
            + "class ProfileController extends Controller {\n    public function changePassword(Request $request) {\n"
            + "        $user = $request->user();\n        $user->password = Hash::make($request->input('password'));\n"
            + "        $user->save();\n    }\n}\n"
        },
    ),
    "reset-without-proof": (
        {
            "app/Http/Controllers/PasswordController.php": _HEAD
            + "class PasswordController extends Controller {\n    public function reset(Request $request) {\n"
            + "        $user = User::where('email', $request->input('email'))->first();\n"
            + "        $user->password = Hash::make($request->input('password'));\n        $user->save();\n    }\n}\n"
        },
    ),
    "user-enumeration": (
        {
            "login.php": "<?php\nif (!$row) { $error = 'There is no such user: no account with this email'; }\n"
            "elseif (!password_verify($_POST['password'], $row['hash'])) { $error = 'Wrong password'; }\n"
        },
    ),
}
GOOD: tuple[Files, ...] = (
    {
        "app/Http/Controllers/ProfileController.php": _HEAD
        + "class ProfileController extends Controller {\n    public function changePassword(Request $request) {\n"
        + "        $user = $request->user();\n"
        + "        if (!Hash::check($request->input('current'), $user->password)) { abort(403); }\n"
        + "        $user->password = Hash::make($request->input('password'));\n        $user->save();\n    }\n}\n"
    },
    {"theme.php": "<?php\nif ($_COOKIE['theme'] === 'dark') { echo 'dark'; }\n"},
    {
        "routes/web.php": _ROUTES,
        "app/Models/Order.php": _ORDER,
        "app/Http/Controllers/OrderController.php": _CLASS
        + _INDEX
        + "    public function destroy(Order $order) {\n        $this->authorize('delete', $order);\n"
        + "        $order->delete();\n        return back();\n    }\n}\n",
    },
    {
        "auth.php": _AUTH,
        "loan.php": "<?php\nrequire __DIR__ . '/auth.php';\ncheck_csrf();\n"
        "$stmt = $pdo->prepare('DELETE FROM loans WHERE id = ? AND user_id = ?');\n"
        "$stmt->execute([$_POST['id'], $_SESSION['user_id']]);\n",
        "login.php": _LIMITED
        + "if (password_verify($_POST['password'], $row['hash'])) {\n"
        + "    session_regenerate_id(true);\n    $_SESSION['user_id'] = $row['id'];\n}\n",
    },
    {
        "keep.php": "<?php\n$types = ['image/png' => 'png'];\n$type = mime_content_type($_FILES['f']['tmp_name']);\n"
        "if (!isset($types[$type])) { exit; }\nmove_uploaded_file($_FILES['f']['tmp_name'], 'files/' . $name);\n"
    },
    {
        "app/Http/Controllers/ProfileController.php": _HEAD
        + "class ProfileController extends Controller {\n    public function update(Request $request) {\n"
        + "        $request->user()->update($request->validate(['name' => 'required']));\n    }\n}\n"
    },
)
