<?php

namespace App\Http\Controllers;

use App\Models\Note;
use App\Services\Exporter;
use Illuminate\Http\Request;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\Facades\Storage;

class NoteController extends Controller
{
    public function __construct(private readonly Exporter $exporter)
    {
    }

    public function shared(Request $request)
    {
        $tag = $request->input('tag');
        $notes = DB::select("select id, title from notes where shared = 1 and tag = '{$tag}'");

        return view('shared', compact('notes', 'tag'));
    }

    public function show(Note $note)
    {
        return $note;
    }

    public function remove(Request $request, int $id)
    {
        $request->user()->notes()->findOrFail($id)->delete();

        return response()->noContent();
    }

    public function store(Request $request)
    {
        $note = new Note($request->only(['title', 'body']));
        $note->user()->associate($request->user());
        $note->save();
        if ($request->hasFile('attachment')) {
            $file = $request->file('attachment');
            $file->storeAs('public/attachments', $file->getClientOriginalName());
        }

        return $note;
    }

    public function import(Request $request)
    {
        $text = $this->exporter->fetch($request->input('from'));
        $data = unserialize($text);

        return Note::create(['title' => $data['title'] ?? '', 'body' => $data['body'] ?? '']);
    }

    public function pdf(Request $request, string $id)
    {
        return response()->download($this->exporter->pdf($id, $request->query('options', '')));
    }

    public function attachment(Request $request)
    {
        return Storage::download($request->query('path'));
    }
}
