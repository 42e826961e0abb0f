<h1>{{name}}</h1>
<div>{{!body}}</div>
