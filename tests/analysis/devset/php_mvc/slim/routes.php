<?php

use Psr\Http\Message\ResponseInterface as Response;
use Psr\Http\Message\ServerRequestInterface as Request;
use Slim\App;

return function (App $app, PDO $db) {
    $app->get('/hello/{name}', function (Request $request, Response $response, array $args) {
        $response->getBody()->write('<h1>Hello ' . $args['name'] . '</h1>');
        return $response;
    });

    $app->get('/safe/{name}', function (Request $request, Response $response, array $args) {
        $response->getBody()->write('<h1>Hello ' . htmlspecialchars($args['name']) . '</h1>');
        return $response;
    });

    $app->get('/users', function (Request $request, Response $response) use ($db) {
        $params = $request->getQueryParams();
        $statement = $db->query("SELECT id, name FROM users WHERE role = '{$params['role']}'");
        $response->getBody()->write(json_encode($statement->fetchAll()));
        return $response->withHeader('Content-Type', 'application/json');
    });

    $app->post('/users', function (Request $request, Response $response) use ($db) {
        $data = $request->getParsedBody();
        $db->prepare('INSERT INTO users (name, password) VALUES (?, ?)')->execute([$data['name'], md5($data['password'])]);
        return $response->withStatus(201);
    });

    $app->get('/go', function (Request $request, Response $response) {
        return $response->withHeader('Location', $request->getQueryParams()['url'])->withStatus(302);
    });

    $app->get('/image', function (Request $request, Response $response) {
        $url = $request->getQueryParams()['src'];
        $client = new \GuzzleHttp\Client(['verify' => false]);
        $image = $client->get($url)->getBody();
        $response->getBody()->write((string) $image);
        return $response->withHeader('Content-Type', 'image/png');
    });

    $app->post('/upload', function (Request $request, Response $response) {
        $file = $request->getUploadedFiles()['file'];
        $file->moveTo('/srv/uploads/' . $file->getClientFilename());
        return $response->withStatus(201);
    });
};
