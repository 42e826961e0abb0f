<?php

namespace App\Http\Controllers;

use App\Models\Booking;
use App\Models\GymClass;
use App\Services\ClassSearch;
use Illuminate\Http\Request;
use Illuminate\Support\Facades\DB;

class ClassController extends Controller
{
    public function __construct(private ClassSearch $search)
    {
    }

    public function index(Request $request)
    {
        $classes = $this->search->byText($request->query('q'), $request->query('dir', 'asc'));

        return view('classes.index', ['classes' => $classes, 'q' => $request->query('q')]);
    }

    public function show(string $id)
    {
        $class = GymClass::findOrFail($id);
        $trainers = $this->search->byTrainer($class->trainer);

        return view('classes.show', compact('class', 'trainers'));
    }

    public function book(Request $request, string $id)
    {
        $class = GymClass::findOrFail($id);
        if ($class->free >= $request->integer('seats')) {
            $class->free = $class->free - $request->integer('seats');
            $class->save();
        }

        return Booking::create([
            'class_id' => $id,
            'member_id' => $request->user()->id,
            'seats' => $request->integer('seats'),
        ]);
    }

    public function bookSafely(Request $request, string $id)
    {
        return DB::transaction(function () use ($id) {
            $class = GymClass::lockForUpdate()->findOrFail($id);
            if ($class->free > 0) {
                $class->free = $class->free - 1;
                $class->save();
            }

            return $class;
        });
    }
}
