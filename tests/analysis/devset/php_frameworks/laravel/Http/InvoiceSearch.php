<?php

namespace App\Services;

use Illuminate\Support\Facades\DB;

class InvoiceSearch
{
    public function byCustomer(?string $customer, ?string $from)
    {
        $conditions = ['deleted_at IS NULL'];
        $bindings = [];
        if ($from) {
            $conditions[] = 'created_at >= ?';
            $bindings[] = $from;
        }
        if ($customer) {
            $conditions[] = "customer LIKE '%" . $customer . "%'";
        }

        return DB::select('SELECT * FROM invoices WHERE ' . implode(' AND ', $conditions), $bindings);
    }

    public function byNumber(string $number)
    {
        return DB::table('invoices')->whereRaw('number = ?', [$number])->first();
    }
}
