@extends('layouts.app')
@section('content')
<h1>{{ $post->title }}</h1>
<div>{!! $post->body !!}</div>
<div>{!! clean($post->body) !!}</div>
<div>{!! nl2br(e($post->note)) !!}</div>
<p>{!! request('q') !!}</p>
{!! csrf_field() !!}
{!! $posts->links() !!}
<form method="POST" action="/posts">
  <input name="title">
</form>
<form method="POST" action="/posts/2">
  @csrf
  <input name="title">
</form>
<script>
  const post = @json($post);
  const other = {!! json_encode($post) !!};
</script>
@endsection
