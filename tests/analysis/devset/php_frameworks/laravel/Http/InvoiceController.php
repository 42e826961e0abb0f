<?php

namespace App\Http\Controllers;

use App\Models\Invoice;
use App\Services\InvoiceSearch;
use Illuminate\Http\Request;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\Facades\Http;
use Illuminate\Support\Facades\Storage;
use Illuminate\Support\Str;
use Symfony\Component\Process\Process;

class InvoiceController extends Controller
{
    public function __construct(private InvoiceSearch $search)
    {
        $this->middleware('auth')->except('show');
    }

    public function index(Request $request)
    {
        $invoices = Invoice::query()
            ->where('user_id', $request->user()->id)
            ->orderByRaw($request->input('sort', 'id'))
            ->paginate(20);

        return view('invoices.index', compact('invoices'));
    }

    public function search(Request $request)
    {
        $rows = $this->search->byCustomer($request->get('customer'), $request->query('from'));
        return response()->json($rows);
    }

    public function show(Invoice $invoice)
    {
        $this->authorize('view', $invoice);
        return view('invoices.show', ['invoice' => $invoice]);
    }

    public function edit($id)
    {
        $invoice = Invoice::findOrFail($id);
        return view('invoices.edit', compact('invoice'));
    }

    public function update(Request $request, Invoice $invoice)
    {
        $this->authorize('update', $invoice);
        $invoice->update($request->all());
        return redirect()->route('invoices.index');
    }

    public function store(Request $request)
    {
        $data = $request->validate(['title' => 'required|string', 'total' => 'numeric']);
        Invoice::create($data + ['user_id' => $request->user()->id]);
        return redirect()->away($request->input('return_to'));
    }

    public function download(Request $request)
    {
        return response()->download(storage_path('invoices/' . $request->query('file')));
    }

    public function attachment(Request $request)
    {
        return Storage::disk('invoices')->get(basename($request->file));
    }

    public function attach(Request $request, Invoice $invoice)
    {
        $file = $request->file('document');
        $file->move(public_path('uploads'), $file->getClientOriginalName());
        $path = $request->file('photo')->store('photos');
        return back()->with('path', $path);
    }

    public function logo(Request $request)
    {
        $response = Http::timeout(5)->get($request->input('logo_url'));
        Storage::put('logos/' . Str::uuid() . '.png', $response->body());
        return back();
    }

    public function pdf(Request $request)
    {
        $process = Process::fromShellCommandline('wkhtmltopdf ' . $request->input('url') . ' /tmp/out.pdf');
        $process->run();
        $safe = new Process(['wkhtmltopdf', '--', $request->input('url'), '/tmp/out.pdf']);
        $safe->run();
        return response()->file('/tmp/out.pdf');
    }

    public function preview(Request $request)
    {
        return response('<h1>' . $request->input('title') . '</h1>');
    }

    public function restore(Request $request)
    {
        $draft = unserialize($request->cookie('draft'));
        $other = unserialize($request->cookie('other'), ['allowed_classes' => false]);
        return view('invoices.edit', ['invoice' => $draft, 'other' => $other]);
    }

    public function raw(Request $request)
    {
        DB::statement("UPDATE invoices SET note = '{$request->note}' WHERE id = ?", [$request->id]);
        DB::update('UPDATE invoices SET note = ? WHERE id = ?', [$request->note, $request->id]);
        return back();
    }
}
