<%@ page contentType="text/html;charset=UTF-8" %>
<%@ taglib prefix="c" uri="http://java.sun.com/jsp/jstl/core" %>
<html>
<body>
<p class="problem">${problem}</p>
<p><c:out value="${param.hint}"/></p>
<form method="post" action="login">
  <input name="login" value="<%= request.getParameter("login") %>">
  <input name="password" type="password">
  <input type="hidden" name="back" value="/home.jsp">
</form>
<jsp:include page="${param.banner}"/>
</body>
</html>
