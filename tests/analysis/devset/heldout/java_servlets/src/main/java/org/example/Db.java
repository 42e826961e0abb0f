package org.example;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

public class Db {
    private static final String URL = "jdbc:mysql://localhost/tickets";
    private static final String PASSWORD = "t1ckets";

    public static Connection open() throws SQLException {
        return DriverManager.getConnection(URL, "tickets", PASSWORD);
    }

    public static ResultSet find(String where) throws SQLException {
        return open().createStatement().executeQuery("SELECT * FROM tickets WHERE " + where);
    }

    public static ResultSet byId(String id) throws SQLException {
        PreparedStatement statement = open().prepareStatement("SELECT * FROM tickets WHERE id = ?");
        statement.setLong(1, Long.parseLong(id));
        return statement.executeQuery();
    }
}
