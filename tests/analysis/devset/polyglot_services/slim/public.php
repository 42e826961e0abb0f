<?php

use App\Middleware\TokenAuth;
use App\Middleware\RequireEditor;
use Psr\Http\Message\ResponseInterface as Response;
use Psr\Http\Message\ServerRequestInterface as Request;
use Slim\Factory\AppFactory;
use Slim\Routing\RouteCollectorProxy;

$app = AppFactory::create();
$app->addErrorMiddleware(false, true, true);

$app->get('/articles', function (Request $request, Response $response) use ($pdo) {
    $rows = $pdo->query('SELECT id, title FROM articles WHERE published = 1')->fetchAll();
    $response->getBody()->write(json_encode($rows));
    return $response->withHeader('Content-Type', 'application/json');
});

$app->group('/drafts', function (RouteCollectorProxy $group) use ($pdo) {
    $group->get('', function (Request $request, Response $response) use ($pdo) {
        $stmt = $pdo->prepare('SELECT id, title FROM drafts WHERE user_id = ?');
        $stmt->execute([$request->getAttribute('user')->id]);
        $response->getBody()->write(json_encode($stmt->fetchAll()));
        return $response;
    });
    $group->put('/{id}', function (Request $request, Response $response, array $args) use ($pdo) {
        $stmt = $pdo->prepare('UPDATE drafts SET body = ? WHERE id = ? AND user_id = ?');
        $stmt->execute([$request->getParsedBody()['body'], $args['id'], $request->getAttribute('user')->id]);
        return $response->withStatus(204);
    });
    $group->delete('/{id}', function (Request $request, Response $response, array $args) use ($pdo) {
        $stmt = $pdo->prepare('DELETE FROM drafts WHERE id = ?');
        $stmt->execute([$args['id']]);
        return $response->withStatus(204);
    });
})->add(TokenAuth::class);

$app->post('/articles/{id}/publish', function (Request $request, Response $response, array $args) use ($pdo) {
    $pdo->prepare('UPDATE articles SET published = 1 WHERE id = ?')->execute([$args['id']]);
    return $response->withStatus(204);
})->add(RequireEditor::class)->add(TokenAuth::class);

$app->delete('/articles/{id}', function (Request $request, Response $response, array $args) use ($pdo) {
    $pdo->prepare('DELETE FROM articles WHERE id = ?')->execute([$args['id']]);
    return $response->withStatus(204);
});

$app->run();
