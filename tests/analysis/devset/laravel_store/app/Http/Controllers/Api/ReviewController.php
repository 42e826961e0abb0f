<?php

namespace App\Http\Controllers\Api;

use App\Http\Controllers\Controller;
use App\Models\Review;
use Illuminate\Http\Request;
use Illuminate\Support\Facades\Gate;

class ReviewController extends Controller
{
    public function index()
    {
        return Review::latest()->paginate();
    }

    public function store(Request $request)
    {
        $data = $request->validate(['product_id' => 'required', 'text' => 'required|max:5000']);

        return Review::create($data + ['user_id' => $request->user()->id]);
    }

    public function update(Request $request, Review $review)
    {
        $review->update($request->validate(['text' => 'required|max:5000']));

        return $review;
    }

    public function destroy(Request $request, Review $review)
    {
        Gate::authorize('delete', $review);
        $review->delete();

        return response()->noContent();
    }
}
