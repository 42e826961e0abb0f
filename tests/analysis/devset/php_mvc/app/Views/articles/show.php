<?php use Core\View; ?>
<article>
  <h1><?= View::e($article['title']) ?></h1>
  <div class="body"><?= $article['body'] ?></div>
  <a href="/edit?id=<?= (int) $article['id'] ?>">Edit</a>
</article>
