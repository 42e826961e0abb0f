@extends('layouts.app')

@section('content')
  <p>{{ $notice }}</p>
  <form method="POST" action="/login">
    @csrf
    <input name="email">
    <input name="password" type="password">
  </form>
@endsection
