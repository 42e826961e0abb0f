<?php

namespace App\Http\Controllers;

use App\Models\Voucher;
use App\Models\Wallet;
use Illuminate\Http\Request;
use Illuminate\Support\Facades\DB;

class WalletController extends Controller
{
    public function pay(Request $request)
    {
        $amount = (int) $request->input('amount');
        $from = Wallet::where('user_id', $request->user()->id)->first();
        $to = Wallet::findOrFail($request->input('to'));
        if ($from->balance >= $amount) {
            $from->balance -= $amount;
            $to->balance += $amount;
            $from->save();
            $to->save();
        }

        return $from->balance;
    }

    public function voucher(Request $request)
    {
        $voucher = Voucher::where('code', $request->input('code'))->where('used', false)->firstOrFail();
        Wallet::where('user_id', $request->user()->id)->increment('balance', $voucher->worth);
        $voucher->used = true;
        $voucher->save();
    }

    public function paySafely(Request $request)
    {
        $amount = $request->validate(['amount' => 'required|integer|min:1'])['amount'];

        return DB::transaction(function () use ($request, $amount) {
            $from = Wallet::where('user_id', $request->user()->id)->lockForUpdate()->first();
            abort_if($from->balance < $amount, 422);
            $from->balance -= $amount;
            $from->save();

            return $from->balance;
        });
    }
}
