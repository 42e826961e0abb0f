package com.example.bank.data;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

public final class Database {
    private static final String URL = "jdbc:mysql://localhost/bank?useSSL=false";

    private Database() {
    }

    public static Connection open() throws SQLException {
        return DriverManager.getConnection(URL, "bank", "b4nk-Vault!");
    }
}
