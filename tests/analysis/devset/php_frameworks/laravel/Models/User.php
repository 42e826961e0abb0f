<?php

namespace App\Models;

use Illuminate\Foundation\Auth\User as Authenticatable;

class User extends Authenticatable
{
    protected $guarded = [];

    protected $hidden = ['password'];

    public static function resetToken(): string
    {
        return substr(str_shuffle('abcdefghijklmnopqrstuvwxyz0123456789'), 0, 16);
    }

    public function setPasswordAttribute($value)
    {
        $this->attributes['password'] = sha1($value);
    }
}
