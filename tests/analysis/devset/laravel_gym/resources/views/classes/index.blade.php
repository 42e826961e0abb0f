@extends('layouts.app')

@section('content')
  <h1>Classes for {!! $q !!}</h1>
  @foreach ($classes as $class)
    <article>
      <h2>{{ $class->name }}</h2>
      {!! $class->description !!}
      <script>const id = {{ Js::from($class->id) }};</script>
      <form method="POST" action="/classes/{{ $class->id }}/book">
        <input name="seats" type="number">
      </form>
    </article>
  @endforeach
@endsection
