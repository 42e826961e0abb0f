<?php

namespace App\Http\Controllers;

use App\Models\User;
use Illuminate\Http\Request;
use Illuminate\Support\Facades\Auth;
use Illuminate\Support\Facades\Hash;
use Illuminate\Support\Facades\Password;

class AuthController extends Controller
{
    public function form()
    {
        return view('login');
    }

    public function login(Request $request)
    {
        $credentials = $request->validate(['email' => 'required|email', 'password' => 'required']);
        if (! Auth::attempt($credentials)) {
            return back()->withErrors(['email' => 'These credentials do not match']);
        }
        $request->session()->regenerate();

        return redirect('/');
    }

    public function logout(Request $request)
    {
        Auth::logout();
        $request->session()->invalidate();

        return redirect('/');
    }

    public function register(Request $request)
    {
        $data = $request->validate([
            'name' => 'required|max:100',
            'email' => 'required|email|unique:users',
            'password' => 'required|min:12',
        ]);
        $data['password'] = Hash::make($data['password']);
        Auth::login(User::create($data));

        return redirect('/');
    }

    public function forgot(Request $request)
    {
        $user = User::where('email', $request->input('email'))->first();
        if (! $user) {
            return back()->withErrors(['email' => 'No account with that email address']);
        }
        Password::sendResetLink($request->only('email'));

        return back()->with('status', 'A link was sent');
    }
}
