<?php

namespace App\Http\Controllers;

use App\Models\Order;
use Illuminate\Http\Request;

class OrderController extends Controller
{
    public function index(Request $request)
    {
        return view('orders.index', ['orders' => $request->user()->orders()->latest()->paginate()]);
    }

    public function show(Order $order)
    {
        $this->authorize('view', $order);

        return view('orders.show', compact('order'));
    }

    public function store(Request $request)
    {
        $data = $request->validate(['address' => 'required|string|max:500']);
        $order = $request->user()->orders()->create($data);

        return redirect("/orders/{$order->id}");
    }

    public function address(Request $request, Order $order)
    {
        $order->update($request->validate(['address' => 'required|string|max:500']));

        return redirect("/orders/{$order->id}");
    }

    public function cancel(Request $request, $id)
    {
        $order = Order::where('user_id', $request->user()->id)->findOrFail($id);
        $order->update(['status' => 'cancelled']);

        return redirect('/orders');
    }
}
