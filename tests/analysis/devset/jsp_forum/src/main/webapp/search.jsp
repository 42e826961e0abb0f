<%@ page import="java.sql.*" %>
<%@ taglib prefix="c" uri="http://java.sun.com/jsp/jstl/core" %>
<html>
<body>
<p>Results for <%= request.getParameter("q") %></p>
<p>${param.q}</p>
<p><c:out value="${param.q}"/></p>
<%
  String q = request.getParameter("q");
  Connection c = DriverManager.getConnection("jdbc:mysql://localhost/forum", "root", "root");
  Statement s = c.createStatement();
  ResultSet rows = s.executeQuery("SELECT * FROM posts WHERE title LIKE '%" + q + "%'");
  while (rows.next()) {
    out.println("<li>" + rows.getString("title") + "</li>");
  }
%>
</body>
</html>
