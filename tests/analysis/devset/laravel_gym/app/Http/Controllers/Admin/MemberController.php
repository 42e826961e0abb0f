<?php

namespace App\Http\Controllers\Admin;

use App\Http\Controllers\Controller;
use App\Models\Member;

class MemberController extends Controller
{
    public function index()
    {
        $out = fopen('php://temp', 'w+');
        foreach (Member::all() as $member) {
            fputcsv($out, [$member->id, $member->name, $member->email]);
        }
        rewind($out);

        return response(stream_get_contents($out), 200, ['Content-Type' => 'text/csv']);
    }

    public function destroy(Member $member)
    {
        $member->delete();

        return back();
    }
}
