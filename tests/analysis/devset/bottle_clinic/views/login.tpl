<p>{{!message}}</p>
<form method="post"><input name="name"><input name="password" type="password"><button>Enter</button></form>
