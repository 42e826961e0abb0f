<?php

namespace App\Http\Controllers;

use Illuminate\Http\Request;
use Illuminate\Support\Facades\Storage;
use Illuminate\Support\Str;

class FileController extends Controller
{
    public function show(Request $request)
    {
        $path = storage_path('app/plans/' . $request->query('plan'));

        return response()->file($path);
    }

    public function shown(Request $request)
    {
        return response()->download(storage_path('app/plans/' . basename($request->query('plan'))));
    }

    public function store(Request $request)
    {
        $file = $request->file('plan');
        $file->move(public_path('plans'), $file->getClientOriginalName());

        return back();
    }

    public function photo(Request $request)
    {
        $request->validate(['photo' => 'required|image|mimes:jpg,png|max:2048']);
        Storage::disk('public')->putFileAs('photos', $request->file('photo'), Str::uuid() . '.jpg');

        return back();
    }
}
