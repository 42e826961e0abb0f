<?php

use App\Http\Controllers\Api\CartController;
use App\Http\Controllers\Api\ReviewController;
use App\Http\Controllers\Api\TokenController;
use App\Http\Controllers\Api\WebhookController;
use Illuminate\Support\Facades\Route;

Route::post('/tokens', [TokenController::class, 'create']);
Route::post('/webhooks/payment', [WebhookController::class, 'payment']);

Route::group(['middleware' => 'auth:sanctum'], function () {
    Route::get('/cart', [CartController::class, 'show']);
    Route::post('/cart/items', [CartController::class, 'add']);
    Route::delete('/cart/items/{id}', [CartController::class, 'remove']);
    Route::post('/reviews', [ReviewController::class, 'store']);
    Route::delete('/reviews/{review}', [ReviewController::class, 'destroy']);
});

Route::get('/reviews', [ReviewController::class, 'index']);
Route::put('/reviews/{review}', [ReviewController::class, 'update']);
