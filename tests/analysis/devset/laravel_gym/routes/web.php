<?php

use App\Http\Controllers\Admin\MemberController as AdminMembers;
use App\Http\Controllers\AuthController;
use App\Http\Controllers\ClassController;
use App\Http\Controllers\FileController;
use App\Http\Controllers\MemberController;
use App\Http\Controllers\ToolController;
use Illuminate\Support\Facades\Route;

Route::get('/login', [AuthController::class, 'form']);
Route::post('/login', [AuthController::class, 'login']);
Route::post('/register', [AuthController::class, 'register'])->middleware('throttle:5,1');
Route::get('/classes', [ClassController::class, 'index']);
Route::get('/classes/{id}', [ClassController::class, 'show']);

Route::middleware('auth')->group(function () {
    Route::resource('members', MemberController::class)->only(['show', 'update', 'destroy']);
    Route::post('/classes/{id}/book', [ClassController::class, 'book']);
    Route::get('/files', [FileController::class, 'show']);
    Route::post('/files', [FileController::class, 'store']);
    Route::post('/photo', [FileController::class, 'photo']);
    Route::get('/tools/ping', [ToolController::class, 'ping']);
    Route::get('/tools/feed', [ToolController::class, 'feed']);
    Route::post('/tools/state', [ToolController::class, 'state']);
    Route::get('/tools/qr', [ToolController::class, 'qr']);
});

Route::prefix('admin')->middleware(['auth', 'can:manage'])->group(function () {
    Route::get('/members', [AdminMembers::class, 'index']);
});
Route::delete('/admin/members/{member}', [AdminMembers::class, 'destroy']);
