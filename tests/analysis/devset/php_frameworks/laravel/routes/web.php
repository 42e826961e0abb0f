<?php

use App\Http\Controllers\InvoiceController;
use Illuminate\Support\Facades\Route;
use Illuminate\Http\Request;

Route::get('/', fn () => view('home'));
Route::resource('invoices', InvoiceController::class);

Route::middleware('auth')->group(function () {
    Route::get('/invoices/search', [InvoiceController::class, 'search']);
    Route::post('/invoices/{invoice}/attach', [InvoiceController::class, 'attach']);
});

Route::get('/leave', function (Request $request) {
    return redirect($request->query('to'));
});
