<h1>Tagged {!! $tag !!}</h1>
@foreach ($notes as $note)
  <p>{{ $note->title }}</p>
@endforeach
<a href="/back" onclick="track('{{ $tag }}')">back</a>
