<?php
namespace App\Controllers;

use App\Models\Article;
use Core\Request;
use Core\View;

class ArticleController
{
    public function __construct(private Article $articles, private Request $request)
    {
    }

    public function index(): void
    {
        $order = $this->request->input('order', 'id');
        View::render('articles/index', ['articles' => $this->articles->latest(20, $order)]);
    }

    public function page(): void
    {
        View::render($this->request->input('page', 'home'));
    }

    public function field(): void
    {
        $rows = $this->articles->where($this->request->input('field'), $this->request->input('value'));
        header('Content-Type: application/json');
        echo json_encode($rows);
    }

    public function tags(): void
    {
        View::render('articles/index', ['articles' => $this->articles->tagged(explode(',', $this->request->input('tags', '')))]);
    }

    public function search(): void
    {
        $term = $this->request->input('q', '');
        echo '<h2>Results for ' . $term . '</h2>';
        echo '<h3>' . View::e($term) . '</h3>';
        View::render('articles/index', ['articles' => $this->articles->search($term)]);
    }

    public function year(): void
    {
        View::render('articles/index', ['articles' => $this->articles->byYear($this->request->input('year'))]);
    }

    public function store(): void
    {
        $this->articles->insert($this->request->all());
        header('Location: ' . $this->request->input('back', '/'));
        exit;
    }

    public function show(): void
    {
        $article = $this->articles->find($this->request->integer('id'));
        View::render('articles/show', ['article' => $article]);
    }

    public function export(): void
    {
        $format = $this->request->input('format');
        $name = '/tmp/export-' . time();
        exec("php export.php --format=$format > $name");
        readfile($name);
    }

    public function cover(): void
    {
        $path = realpath('/srv/covers/' . $this->request->input('file'));
        if ($path === false || strpos($path, '/srv/covers/') !== 0) {
            http_response_code(404);
            return;
        }
        readfile($path);
    }

    public function thumbnail(): void
    {
        $file = '/srv/covers/' . str_replace('..', '', $this->request->input('file'));
        $image = imagecreatefromjpeg('/srv/thumbs/' . $this->request->input('name'));
        imagejpeg($image);
    }

    public function hook(): void
    {
        $signature = $this->request->header('X-Signature');
        $body = file_get_contents('php://input');
        if ($signature == hash_hmac('sha256', $body, getenv('HOOK_KEY'))) {
            $event = unserialize($body);
            error_log('hook ' . $event['type']);
        }
    }
}
