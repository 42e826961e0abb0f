<?php

namespace App\Controller;

use Doctrine\ORM\EntityManagerInterface;
use Doctrine\DBAL\Connection;
use Symfony\Bundle\FrameworkBundle\Controller\AbstractController;
use Symfony\Component\HttpFoundation\BinaryFileResponse;
use Symfony\Component\HttpFoundation\Request;
use Symfony\Component\HttpFoundation\Response;
use Symfony\Component\Routing\Annotation\Route;
use Symfony\Contracts\HttpClient\HttpClientInterface;
use Twig\Environment;

#[Route('/reports')]
class ReportController extends AbstractController
{
    public function __construct(
        private EntityManagerInterface $em,
        private Connection $connection,
        private HttpClientInterface $client,
        private Environment $twig,
    ) {
    }

    #[Route('/', methods: ['GET'])]
    public function list(Request $request): Response
    {
        $status = $request->query->get('status');
        $dql = "SELECT r FROM App\Entity\Report r WHERE r.status = '" . $status . "'";
        $reports = $this->em->createQuery($dql)->getResult();

        return $this->render('report/list.html.twig', ['reports' => $reports]);
    }

    #[Route('/count', methods: ['GET'])]
    public function count(Request $request): Response
    {
        $sql = sprintf('SELECT COUNT(*) FROM report WHERE year = %s', $request->get('year'));
        $count = $this->connection->fetchOne($sql);
        $safe = $this->connection->fetchOne(sprintf('SELECT COUNT(*) FROM report WHERE year = %d', $request->get('year')));

        return new Response((string) ($count + $safe));
    }

    #[Route('/builder', methods: ['GET'])]
    public function builder(Request $request): Response
    {
        $qb = $this->em->createQueryBuilder();
        $qb->select('r')->from('App\Entity\Report', 'r')
            ->where('r.title LIKE :title')->setParameter('title', '%' . $request->query->get('q') . '%')
            ->andWhere("r.owner = " . $request->query->get('owner'));

        return $this->json($qb->getQuery()->getResult());
    }

    #[Route('/file/{name}', requirements: ['name' => '.+'])]
    public function file(string $name): Response
    {
        return new BinaryFileResponse($this->getParameter('reports_dir') . '/' . $name);
    }

    #[Route('/render', methods: ['POST'])]
    public function preview(Request $request): Response
    {
        $template = $this->twig->createTemplate($request->request->get('body'));

        return new Response($template->render(['user' => $this->getUser()]));
    }

    #[Route('/fetch')]
    public function fetch(Request $request): Response
    {
        $response = $this->client->request('GET', $request->query->get('source'));

        return new Response($response->getContent(), 200, ['Content-Type' => 'text/plain']);
    }

    #[Route('/hello')]
    public function hello(Request $request): Response
    {
        return new Response('<p>Hello ' . $request->query->get('name') . '</p>');
    }

    #[Route('/bye')]
    public function bye(Request $request): Response
    {
        return new Response('<p>Bye ' . htmlspecialchars($request->query->get('name')) . '</p>');
    }

    #[Route('/next')]
    public function next(Request $request): Response
    {
        return $this->redirect($request->headers->get('referer') ?? $request->query->get('next'));
    }

    #[Route('/import', methods: ['POST'])]
    public function import(Request $request): Response
    {
        $document = new \DOMDocument();
        $document->loadXML($request->getContent(), LIBXML_NOENT | LIBXML_DTDLOAD);

        return new Response($document->documentElement->nodeName, 200, ['Content-Type' => 'text/plain']);
    }
}
