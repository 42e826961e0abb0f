<?php

namespace App\Http\Controllers;

use App\Models\Project;
use Illuminate\Http\Request;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\Facades\Http;
use Illuminate\Support\Facades\Storage;
use Illuminate\Validation\Rule;

class ProjectController extends Controller
{
    private const SORTS = ['name', 'created_at'];

    public function __construct()
    {
        $this->middleware('auth');
    }

    public function index(Request $request)
    {
        $sort = in_array($request->query('sort'), self::SORTS, true) ? $request->query('sort') : 'name';
        $direction = $request->query('direction') === 'desc' ? 'desc' : 'asc';

        return Project::where('user_id', $request->user()->id)->orderByRaw("$sort $direction")->paginate(20);
    }

    public function store(Request $request)
    {
        $data = $request->validate(['name' => 'required|string|max:80', 'color' => Rule::in(['red', 'blue'])]);
        $project = $request->user()->projects()->create($data);

        return redirect()->route('projects.show', $project);
    }

    public function show(Project $project)
    {
        $this->authorize('view', $project);

        return view('projects.show', compact('project'));
    }

    public function counts(Request $request)
    {
        $year = (int) $request->query('year');
        $rows = DB::select("SELECT count(*) AS n FROM projects WHERE year = {$year} AND user_id = ?", [$request->user()->id]);

        return response()->json($rows);
    }

    public function attachment(Project $project, string $name)
    {
        $this->authorize('view', $project);

        return Storage::disk('private')->download("projects/{$project->id}/" . basename($name));
    }

    public function feed(Request $request)
    {
        $hosts = ['a' => 'https://a.example.com/feed', 'b' => 'https://b.example.com/feed'];
        $key = $request->query('source', 'a');
        abort_unless(isset($hosts[$key]), 404);

        return Http::timeout(5)->get($hosts[$key])->json();
    }
}
