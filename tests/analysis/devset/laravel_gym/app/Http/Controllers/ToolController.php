<?php

namespace App\Http\Controllers;

use Illuminate\Http\Request;
use Illuminate\Support\Facades\Http;
use Symfony\Component\Process\Process;

class ToolController extends Controller
{
    public function ping(Request $request)
    {
        $host = $request->get('host');

        return '<pre>' . shell_exec("ping -c 1 $host") . '</pre>';
    }

    public function pingSafely(Request $request)
    {
        $process = new Process(['ping', '-c', '1', $request->get('host')]);
        $process->run();

        return e($process->getOutput());
    }

    public function feed(Request $request)
    {
        $xml = Http::withoutVerifying()->get($request->get('url'))->body();
        $document = new \DOMDocument();
        $document->loadXML($xml, LIBXML_NOENT | LIBXML_DTDLOAD);
        $path = new \DOMXPath($document);

        return $path->query("//item[@id='" . $request->get('item') . "']")->item(0)?->textContent;
    }

    public function state(Request $request)
    {
        $state = unserialize(base64_decode($request->cookie('state')));
        $other = unserialize($request->input('other'), ['allowed_classes' => false]);

        return compact('state', 'other');
    }

    public function qr(Request $request)
    {
        $class = $request->get('format', 'Png') . 'Writer';
        $writer = new $class();
        $code = substr(md5(uniqid()), 0, 8);

        return $writer->write($code);
    }

    public function hello(Request $request)
    {
        return response('<h1>Hello ' . $request->name . '</h1>');
    }

    public function total(Request $request)
    {
        return eval('return ' . $request->input('sum') . ';');
    }
}
