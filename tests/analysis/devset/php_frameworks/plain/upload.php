<?php
session_start();

class Uploader
{
    private array $allowed = ['jpg', 'png'];

    public function __construct(private string $dir)
    {
    }

    public function save(array $file): string
    {
        $name = basename($file['name']);
        move_uploaded_file($file['tmp_name'], $this->dir . '/' . $name);
        return $name;
    }

    public function saveImage(array $file): string
    {
        $extension = strtolower(pathinfo($file['name'], PATHINFO_EXTENSION));
        if (!in_array($extension, $this->allowed, true)) {
            throw new RuntimeException('type');
        }
        $name = bin2hex(random_bytes(16)) . '.' . $extension;
        move_uploaded_file($file['tmp_name'], $this->dir . '/' . $name);
        return $name;
    }

    public function extract(string $zipfile): void
    {
        $zip = new ZipArchive();
        $zip->open($zipfile);
        for ($i = 0; $i < $zip->numFiles; $i++) {
            $entry = $zip->getNameIndex($i);
            file_put_contents($this->dir . '/' . $entry, $zip->getFromIndex($i));
        }
    }

    public function remove(string $name): void
    {
        unlink($this->dir . '/' . $name);
    }
}

if (empty($_SESSION['user'])) {
    header('Location: login.php');
}

$uploader = new Uploader(__DIR__ . '/files');
if (isset($_FILES['doc'])) {
    echo htmlspecialchars($uploader->save($_FILES['doc']));
}
if (isset($_FILES['image'])) {
    echo $uploader->saveImage($_FILES['image']);
}
if (isset($_GET['remove'])) {
    $uploader->remove($_GET['remove']);
}
