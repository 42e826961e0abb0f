<%@ page contentType="text/html" %>
<%@ taglib prefix="c" uri="http://java.sun.com/jsp/jstl/core" %>
<html>
<body>
<h1>Hello <%= request.getParameter("name") %></h1>
<p><c:out value="${param.name}"/></p>
<p>${param.title}</p>
</body>
</html>
