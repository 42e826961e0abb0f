<?php
namespace App\Http\Controllers;

use App\Models\User;
use Illuminate\Http\Request;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\Facades\Log;
use Illuminate\Support\Facades\Storage;
use Illuminate\Support\Str;

class UserController extends Controller
{
    public function __construct()
    {
        $this->middleware('auth');
    }

    public function index(Request $request)
    {
        return DB::select("select * from users where name like '%" . $request->input('q') . "%'");
    }

    public function ordered(Request $request)
    {
        return User::orderByRaw($request->sort)->get();
    }

    public function bound(Request $request)
    {
        return DB::select('select * from users where name = ?', [$request->input('q')]);
    }

    public function update(Request $request)
    {
        $request->user()->forceFill($request->all())->save();
        Log::info('profile', $request->all());
        return back();
    }

    public function rename(Request $request)
    {
        $request->user()->update($request->validate(['name' => 'required|string|max:80']));
        return back();
    }

    public function show($id)
    {
        return User::findOrFail($id);
    }

    public function download(Request $request)
    {
        return response()->download(storage_path('exports/' . $request->file));
    }

    public function go(Request $request)
    {
        return redirect($request->get('to'));
    }

    public function token()
    {
        return ['weak' => rand(1000, 9999), 'strong' => Str::random(40)];
    }
}
