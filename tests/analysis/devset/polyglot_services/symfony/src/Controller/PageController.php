<?php

namespace App\Controller;

use App\Repository\PageRepository;
use Symfony\Bundle\FrameworkBundle\Controller\AbstractController;
use Symfony\Component\HttpFoundation\Response;
use Symfony\Component\Routing\Attribute\Route;

class PageController extends AbstractController
{
    #[Route('/pages/{slug}', methods: ['GET'])]
    public function show(string $slug, PageRepository $pages): Response
    {
        $page = $pages->findOneBy(['slug' => $slug]) ?? throw $this->createNotFoundException();

        return $this->render('page.html.twig', ['page' => $page]);
    }
}
