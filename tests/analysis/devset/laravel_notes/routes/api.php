<?php

use App\Http\Controllers\NoteController;
use App\Http\Controllers\TeamController;
use App\Http\Controllers\WalletController;
use Illuminate\Support\Facades\Route;

Route::post('/login', [TeamController::class, 'login']);
Route::post('/join', [TeamController::class, 'join']);
Route::get('/notes/shared', [NoteController::class, 'shared']);

Route::middleware('auth:sanctum')->group(function () {
    Route::get('/notes/{note}', [NoteController::class, 'show']);
    Route::delete('/notes/{id}', [NoteController::class, 'remove']);
    Route::post('/notes', [NoteController::class, 'store']);
    Route::post('/notes/import', [NoteController::class, 'import']);
    Route::get('/notes/{id}/pdf', [NoteController::class, 'pdf']);
    Route::post('/wallet/pay', [WalletController::class, 'pay']);
    Route::post('/wallet/voucher', [WalletController::class, 'voucher']);
    Route::get('/team', [TeamController::class, 'team']);
});
Route::put('/team/{user}/role', [TeamController::class, 'role']);
