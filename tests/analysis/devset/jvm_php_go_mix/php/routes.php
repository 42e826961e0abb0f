<?php
// Slim
use Psr\Http\Message\ResponseInterface as Response;
use Psr\Http\Message\ServerRequestInterface as Request;

$app->get('/users', function (Request $request, Response $response) use ($pdo) {
    $params = $request->getQueryParams();
    $rows = $pdo->query("SELECT * FROM users WHERE city = '" . $params['city'] . "'")->fetchAll();
    $response->getBody()->write(json_encode($rows));
    return $response->withHeader('Access-Control-Allow-Origin', '*');
});

$app->get('/hello/{name}', function (Request $request, Response $response, array $args) {
    $response->getBody()->write('<h1>Hello ' . $args['name'] . '</h1>');
    return $response;
});

$app->get('/out', function (Request $request, Response $response) {
    return $response->withHeader('Location', $request->getQueryParams()['url'])->withStatus(302);
});

$app->post('/login', function (Request $request, Response $response) use ($pdo) {
    $body = $request->getParsedBody();
    $statement = $pdo->prepare('SELECT * FROM users WHERE email = ?');
    $statement->execute([$body['email']]);
    $user = $statement->fetch();
    if (sha1($body['password']) === $user['password']) {
        setcookie('user', $user['id'], time() + 3600, '/', '', false, false);
    }
    return $response;
});

$app->post('/run', function (Request $request, Response $response) {
    $body = $request->getParsedBody();
    passthru("backup.sh {$body['target']}");
    return $response;
});
