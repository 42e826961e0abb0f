<?php

namespace App\Http\Controllers;

use Illuminate\Http\Request;
use Illuminate\Support\Facades\Hash;

class ProfileController extends Controller
{
    public function update(Request $request)
    {
        $request->user()->update($request->all());

        return back()->with('status', 'saved');
    }

    public function avatar(Request $request)
    {
        $request->validate(['avatar' => 'required|image|mimes:png,jpg|max:2048']);
        $path = $request->file('avatar')->store('avatars');
        $request->user()->update(['avatar' => $path]);

        return back();
    }

    public function document(Request $request)
    {
        $file = $request->file('document');
        $name = time() . '-' . $file->getClientOriginalName();
        $file->move(public_path('documents'), $name);

        return back()->with('status', 'uploaded');
    }

    public function password(Request $request)
    {
        $data = $request->validate(['current' => 'required', 'password' => 'required|min:12|confirmed']);
        if (! Hash::check($data['current'], $request->user()->password)) {
            return back()->withErrors(['current' => 'That is not your password']);
        }
        $request->user()->update(['password' => Hash::make($data['password'])]);

        return back();
    }
}
