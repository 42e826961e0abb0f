<%@ page import="java.sql.*, com.example.bank.data.Database" %>
<%
  String q = request.getParameter("q");
  Connection connection = Database.open();
  Statement statement = connection.createStatement();
  ResultSet rows = statement.executeQuery("SELECT name FROM branches WHERE name LIKE '%" + q + "%'");
%>
<ul>
<% while (rows.next()) { %>
  <li><%= rows.getString(1) %></li>
<% } %>
</ul>
<% session.setAttribute("last", q); %>
