<?php

namespace App\Services;

use Illuminate\Support\Facades\DB;

class ClassSearch
{
    private const SORTABLE = ['name', 'starts_at'];

    public function __construct(private string $table = 'classes')
    {
    }

    public function byText(?string $text, string $direction): array
    {
        $query = DB::table($this->table);
        if ($text) {
            $query->whereRaw("name LIKE '%$text%'");
        }

        return $query->orderByRaw('starts_at ' . $direction)->get()->all();
    }

    public function byTrainer(string $trainer): array
    {
        return DB::select('SELECT * FROM classes WHERE trainer = ?', [$trainer]);
    }

    public function sorted(string $column)
    {
        $column = in_array($column, self::SORTABLE, true) ? $column : 'id';

        return DB::select("SELECT * FROM classes ORDER BY {$column}");
    }
}
