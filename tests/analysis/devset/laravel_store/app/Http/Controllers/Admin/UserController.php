<?php

namespace App\Http\Controllers\Admin;

use App\Http\Controllers\Controller;
use App\Models\User;
use Illuminate\Http\Request;

class UserController extends Controller
{
    public function index()
    {
        return view('admin.users', ['users' => User::paginate()]);
    }

    public function block(User $user)
    {
        $user->update(['blocked_at' => now()]);

        return back();
    }

    public function role(Request $request, User $user)
    {
        $user->role = $request->input('role');
        $user->save();

        return back();
    }
}
