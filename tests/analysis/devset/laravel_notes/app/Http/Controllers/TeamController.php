<?php

namespace App\Http\Controllers;

use App\Models\User;
use Illuminate\Http\Request;
use Illuminate\Support\Facades\Hash;
use Illuminate\Support\Facades\Log;
use Illuminate\Support\Str;

class TeamController extends Controller
{
    public function login(Request $request)
    {
        $user = User::where('email', $request->input('email'))->first();
        if ($user === null) {
            return response()->json(['error' => 'Nobody here by that address'], 404);
        }
        if (!Hash::check($request->input('password'), $user->password)) {
            Log::info("Failed login: {$request->input('email')} {$request->input('password')}");

            return response()->json(['error' => 'That password does not fit'], 401);
        }

        return ['token' => $user->createToken('api')->plainTextToken];
    }

    public function join(Request $request)
    {
        $user = User::create($request->all());
        $user->password = Hash::make($request->password);
        $user->invite = substr(str_shuffle('abcdefghijklmnopqrstuvwxyz0123456789'), 0, 12);
        $user->save();

        return response()->json($user);
    }

    public function team(Request $request)
    {
        return User::where('team_id', $request->user()->team_id)->get(['id', 'name']);
    }

    public function role(Request $request, User $user)
    {
        $user->is_admin = $request->boolean('is_admin');
        $user->save();
    }

    public function invitation(): string
    {
        return Str::random(32);
    }
}
