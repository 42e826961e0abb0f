<ul>
% for page in pages:
  <li><a href="/page/{{page}}">{{page}}</a></li>
% end
</ul>
