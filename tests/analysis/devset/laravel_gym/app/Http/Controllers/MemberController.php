<?php

namespace App\Http\Controllers;

use App\Models\Booking;
use App\Models\Member;
use Illuminate\Http\Request;

class MemberController extends Controller
{
    public function show(Member $member)
    {
        return response()->json($member->load('bookings'));
    }

    public function update(Request $request, Member $member)
    {
        $this->authorize('update', $member);
        $member->update($request->all());

        return redirect()->route('members.show', $member);
    }

    public function destroy(Request $request, string $id)
    {
        Booking::where('member_id', $request->user()->id)->where('id', $id)->delete();

        return response()->noContent();
    }
}
