<?php

namespace App\Http\Controllers\Api;

use App\Http\Controllers\Controller;
use App\Models\CartItem;
use Illuminate\Http\Request;

class CartController extends Controller
{
    public function show(Request $request)
    {
        return $request->user()->cartItems()->with('product')->get();
    }

    public function add(Request $request)
    {
        $data = $request->validate(['product_id' => 'required|exists:products,id', 'count' => 'integer|min:1']);

        return $request->user()->cartItems()->create($data);
    }

    public function remove($id)
    {
        CartItem::destroy($id);

        return response()->noContent();
    }
}
