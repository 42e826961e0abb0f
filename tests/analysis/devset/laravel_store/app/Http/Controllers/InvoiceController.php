<?php

namespace App\Http\Controllers;

use App\Models\Invoice;
use Illuminate\Support\Facades\Auth;

class InvoiceController extends Controller
{
    public function show($id)
    {
        $invoice = Invoice::findOrFail($id);

        return view('invoices.show', ['invoice' => $invoice]);
    }

    public function download($id)
    {
        $invoice = Invoice::with('order')->findOrFail($id);
        if ($invoice->order->user_id !== Auth::id()) {
            abort(403);
        }

        return response()->download(storage_path('invoices/' . $invoice->path));
    }
}
