"""Small projects in Java, PHP, Go and Ruby whose functions alone show what is wrong: of money, mails, tables and
passwords; bad ones by rule, and good ones. Data.
"""

from collections.abc import Mapping

from server.analysis.project import Files

_TAKE = (
    "@Service\nclass Items {\n  public void take(Long id, int amount) {\n"
    "    Item item = items.findById(id).orElseThrow();\n    if (item.getStock() < amount) { throw new Empty(); }\n"
    "    item.setStock(%s);\n    items.save(item);\n  }\n}\n"
)
_BOOK = (
    "<?php\nclass Seats {\n  public function book($id, $seats) {\n    $class = GymClass::%sfindOrFail($id);\n"
    "    if ($class->free >= $seats) {\n      $class->free = $class->free - $seats;\n"
    "      $class->save();\n    }\n  }\n}\n"
)
_CSV_OF_RUBY = (
    "class AnswersCsv\n  def to_s\n    CSV.generate do |csv|\n"
    "      @answers.each { |answer| csv << [answer.rating, %s] }\n    end\n  end\nend\n"
)
_CSV_OF_PHP = (
    "<?php\nclass MemberExport {\n  public function rows($out) {\n    foreach (Member::all() as $member) {\n"
    "      fputcsv($out, [$member->id, %s]);\n    }\n  }\n}\n"
)
_CSV_OF_GO = (
    "package web\nfunc ExportUsers(w http.ResponseWriter, r *http.Request) {\n\tcsvWriter := csv.NewWriter(w)\n"
    "\tfor _, user := range users() {\n\t\tcsvWriter.Write([]string{user.ID, %s})\n\t}\n}\n"
)
_RESET = (
    "<?php\nclass Forgot {\n  public function send($email, $token) {\n"
    "    $link = 'https://' . %s . '/reset?token=' . $token;\n    mail($email, 'Reset', $link);\n  }\n}\n"
)
_LOGIN = (
    "class SessionsController < ApplicationController\n  rate_limit to: 10, within: 3.minutes\n  def create\n"
    "    user = User.find_by(email: params[:email])\n"
    "    if user.nil?\n      flash[:alert] = '%s'\n      redirect_to login_path\n"
    "    elsif user.authenticate(params[:password])\n      reset_session\n      session[:user_id] = user.id\n"
    "    else\n      flash[:alert] = 'That did not work'\n      redirect_to login_path\n    end\n  end\nend\n"
)
_FINDS = (
    "<?php\nclass Login {\n  public function enter($email, $password) {\n"
    "    return Member::where(['email' => $email, 'password' => %s])->first();\n  }\n}\n"
)

_USER = "class User < ApplicationRecord\n  has_secure_password\nend\n"
_SHOWS = (
    "class UsersController < ApplicationController\n  def index\n    @users = User.order(:name)\n"
    "    render json: @users%s\n  end\nend\n"
)
_MEMBER = "<?php\nclass Member extends Authenticatable\n{\n%s}\n"
_SENDS = (
    "<?php\nclass MemberController extends Controller\n{\n  public function index(Request $request)\n  {\n"
    "    $members = Member::where('club', $request->user()->club)->get();\n"
    "    return response()->json($members);\n  }\n}\n"
)
_APART = (
    'class TokenFilter {\n  void filter(String token) {\n    String[] parts = token.split("\\\\.");\n    %s\n'
    "    JsonNode who = mapper.readTree(Base64.getUrlDecoder().decode(parts[1]));\n"
    '    enter(who.get("sub").asText());\n  }\n}\n'
)
_WHO = (
    "<?php\nfunction who($token)\n{\n  $parts = explode('.', $token);\n  %s\n"
    "  return json_decode(base64_decode($parts[1]), true)['sub'];\n}\n"
)
_CHANGES = (
    "<?php\nclass People {\n  public function change($id, $password) {\n"
    "    $this->db->run('UPDATE people SET password = ? WHERE id = ?', [%s, $id]);\n  }\n}\n"
)
_VIEW = "<h1>Found for <?= %s ?></h1>\n<?php foreach ($tickets as $ticket): ?>\n<p><?= %s ?></p>\n<?php endforeach ?>\n"
_BARS = "<?php\n$n = (int) $_GET['n'];\necho str_repeat('=', %s);\n"
_SEALS = (
    "class Seals\n  MATERIAL = %s\n  def seal(text)\n    cipher = OpenSSL::Cipher.new('aes-256-gcm').encrypt\n"
    "    cipher.key = MATERIAL[0, 32]\n    cipher.update(text)\n  end\nend\n"
)
_SEAL = (
    "class Seal {\n  private static final String MATERIAL = %s;\n  Key key() {\n"
    '    byte[] raw = MATERIAL.getBytes();\n    return new SecretKeySpec(raw, "AES");\n  }\n}\n'
)
_KEYS = (
    "package seal\nvar material = %s\nfunc open(raw string) (*jwt.Token, error) {\n"
    "\treturn jwt.Parse(raw, func(t *jwt.Token) (any, error) {\n\t\treturn material, nil\n\t})\n}\n"
)

_CSV_OF_PYTHON = """\
import csv
from flask import Blueprint, Response
bp = Blueprint('reports', __name__)

@bp.get('/export')
def export():
    out = io.StringIO()
    writer = csv.writer(out)
    for row in Remark.query.all():
        writer.writerow([%s])
    return Response(out.getvalue(), mimetype='text/csv')
"""

BAD: Mapping[str, tuple[Files, ...]] = {
    "outrun-check": ({"Items.java": _TAKE % "item.getStock() - amount"}, {"Seats.php": _BOOK % ""}),
    "csv-formula": (
        {"views.py": _CSV_OF_PYTHON % "row.remark"},
        {"answers_csv.rb": _CSV_OF_RUBY % "answer.text"},
        {"MemberExport.php": _CSV_OF_PHP % "$member->name"},
        {"export.go": _CSV_OF_GO % "user.Name"},
    ),
    "reset-link-host": ({"Forgot.php": _RESET % "$_SERVER['HTTP_HOST']"},),
    "user-enumeration": ({"app/controllers/sessions_controller.rb": _LOGIN % "We do not know you"},),
    "resource-exhaustion": ({"bars.php": _BARS % "$n"},),
    "hardcoded-key": (
        {"seals.rb": _SEALS % "'9f2c7ae1b04d'"},
        {"Seal.java": _SEAL % '"9f2c7ae1b04d"'},
        {"seal.go": _KEYS % '[]byte("9f2c7ae1b04d")'},
    ),
    "secret-field": (
        {"app/models/user.rb": _USER, "app/controllers/users_controller.rb": _SHOWS % ""},
        {"app/Models/Member.php": _MEMBER % "", "app/Http/Controllers/MemberController.php": _SENDS},
    ),
    "html-from-text": ({"views/list.php": _VIEW % ("$q", "nl2br($ticket['text'])")},),
    "unverified-token": ({"TokenFilter.java": _APART % ""}, {"who.php": _WHO % ""}),
    "plain-password": (
        {"People.php": _CHANGES % "$password"},
        {"Login.php": _FINDS % "$password"},
    ),
}
GOOD: tuple[Files, ...] = (
    {
        "client.go": "package a\n\nfunc NewClient(username, password string) *Client {\n"
        "\treturn &Client{username: username, password: password}\n}\n"
    },
    {
        "Checks.php": "<?php\nnamespace App\\Http\\Controllers;\nuse Illuminate\\Http\\Request;\n"
        "class Checks extends Controller {\n  public function store(Request $request) {\n"
        "    return $this->getValidationFactory()->make($request->all(), $this->rules);\n  }\n}\n"
    },
    {"views.py": _CSV_OF_PYTHON % "row.number"},
    {"views.py": _CSV_OF_PYTHON % "safe_cell(row.remark)"},
    {"Items.java": _TAKE % "amount"},
    {"Seats.php": _BOOK % "lockForUpdate()->"},
    {"answers_csv.rb": _CSV_OF_RUBY % "answer.rating"},
    {"answers_csv.rb": _CSV_OF_RUBY % "safe_cell(answer.text)"},
    {"MemberExport.php": _CSV_OF_PHP % "$member->visits"},
    {"export.go": _CSV_OF_GO % "user.Visits"},
    {"bars.php": _BARS % "min($n, 80)"},
    {"app/models/user.rb": _USER, "app/controllers/users_controller.rb": _SHOWS % ".as_json(only: :name)"},
    {
        "app/Models/Member.php": _MEMBER % "  protected $hidden = ['password'];\n",
        "app/Http/Controllers/MemberController.php": _SENDS,
    },
    {"TokenFilter.java": _APART % "verify(parts);"},
    {"who.php": _WHO % "if (!hash_equals(sign($parts), $parts[2])) { exit; }"},
    {"People.php": _CHANGES % "password_hash($password, PASSWORD_DEFAULT)"},
    {"views/list.php": _VIEW % ("h($q)", "e($ticket['text'])")},
    {"views/list.php": _VIEW % ("$content", "$ticket['id']")},
    {"src/list.php": _VIEW % ("$q", "$ticket['text']")},
    {"seals.rb": _SEALS % "ENV.fetch('SEAL')"},
    {"Seal.java": _SEAL % 'System.getenv("SEAL")'},
    {"seal.go": _KEYS % '[]byte(os.Getenv("SEAL"))'},
    {"Forgot.php": _RESET % "config('app.host')"},
    {"app/controllers/sessions_controller.rb": _LOGIN % "That did not work"},
    {"Login.php": _FINDS % "hash_of($password)"},
)
