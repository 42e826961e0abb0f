<?php

namespace App\Http\Controllers\Api;

use App\Http\Controllers\Controller;
use App\Models\Order;
use Illuminate\Http\Request;

class WebhookController extends Controller
{
    public function payment(Request $request)
    {
        $signature = hash_hmac('sha256', $request->getContent(), config('services.payment.secret'));
        abort_unless(hash_equals($signature, (string) $request->header('X-Signature')), 403);
        Order::findOrFail($request->input('order'))->update(['status' => 'paid']);

        return response()->noContent();
    }
}
