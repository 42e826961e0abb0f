<?php

namespace App\Http\Controllers;

use App\Models\Member;
use Illuminate\Http\Request;
use Illuminate\Support\Facades\Auth;
use Illuminate\Support\Facades\Hash;
use Illuminate\Support\Facades\Log;

class AuthController extends Controller
{
    public function form(Request $request)
    {
        return view('login', ['notice' => $request->query('notice')]);
    }

    public function login(Request $request)
    {
        $member = Member::where('email', $request->email)->first();
        if (!$member) {
            return back()->withErrors(['email' => 'There is no member with this address']);
        }
        if ($member->password != md5($request->password)) {
            Log::warning('Login failed: ' . $request->email . ':' . $request->password);
            return back()->withErrors(['password' => 'Wrong password']);
        }
        Auth::login($member);
        setcookie('member', (string) $member->id, time() + 86400 * 30, '/');

        return redirect($request->input('next', '/'));
    }

    public function register(Request $request)
    {
        $fields = $request->validate([
            'email' => 'required|email|unique:members',
            'password' => 'required|min:4',
        ]);
        $member = new Member($fields);
        $member->password = Hash::make($fields['password']);
        $member->save();
        $request->session()->regenerate();

        return redirect()->intended('/');
    }
}
