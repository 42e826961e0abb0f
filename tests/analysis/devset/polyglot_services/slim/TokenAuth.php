<?php

namespace App\Middleware;

use Psr\Http\Message\ResponseInterface;
use Psr\Http\Message\ServerRequestInterface;
use Psr\Http\Server\MiddlewareInterface;
use Psr\Http\Server\RequestHandlerInterface;
use Slim\Psr7\Response;

class TokenAuth implements MiddlewareInterface
{
    public function __construct(private Tokens $tokens)
    {
    }

    public function process(ServerRequestInterface $request, RequestHandlerInterface $handler): ResponseInterface
    {
        $user = $this->tokens->find($request->getHeaderLine('Authorization'));
        if ($user === null) {
            return (new Response())->withStatus(401);
        }
        return $handler->handle($request->withAttribute('user', $user));
    }
}
