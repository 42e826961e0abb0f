<?php

namespace App\Http\Controllers\Admin;

use App\Http\Controllers\Controller;
use App\Http\Requests\ProductRequest;
use App\Models\Product;
use Illuminate\Support\Facades\Log;

class ProductController extends Controller
{
    public function index()
    {
        return view('admin.products', ['products' => Product::all()]);
    }

    public function store(ProductRequest $request)
    {
        Product::create($request->validated());

        return redirect('/admin/products');
    }

    public function update(ProductRequest $request, Product $product)
    {
        $product->update($request->validated());

        return redirect('/admin/products');
    }

    public function destroy(Product $product)
    {
        try {
            $product->delete();
        } catch (\Exception $e) {
            return response()->json(['error' => $e->getMessage(), 'trace' => $e->getTraceAsString()], 500);
        }

        return redirect('/admin/products');
    }

    public function show(Product $product)
    {
        return view('admin.product', compact('product'));
    }
}
