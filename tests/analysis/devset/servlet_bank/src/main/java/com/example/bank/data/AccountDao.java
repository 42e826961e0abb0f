package com.example.bank.data;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

public class AccountDao {
    public Account login(String user, String password) throws SQLException {
        String query = "SELECT * FROM accounts WHERE login='" + user + "' AND password='" + password + "'";
        try (Connection connection = Database.open(); Statement statement = connection.createStatement()) {
            ResultSet rows = statement.executeQuery(query);
            return rows.next() ? Account.of(rows) : null;
        }
    }

    public Account find(String number) throws SQLException {
        try (Connection connection = Database.open();
             PreparedStatement statement = connection.prepareStatement("SELECT * FROM accounts WHERE number = ?")) {
            statement.setString(1, number);
            ResultSet rows = statement.executeQuery();
            return rows.next() ? Account.of(rows) : null;
        }
    }

    public List<String> statement(String number, String orderBy) throws SQLException {
        List<String> lines = new ArrayList<>();
        String sql = String.format("SELECT text FROM movements WHERE account = ? ORDER BY %s", orderBy);
        try (Connection connection = Database.open(); PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, number);
            ResultSet rows = statement.executeQuery();
            while (rows.next()) {
                lines.add(rows.getString(1));
            }
        }
        return lines;
    }

    public int branch(String raw) throws SQLException {
        int branch = Integer.parseInt(raw);
        try (Connection connection = Database.open(); Statement statement = connection.createStatement()) {
            return statement.executeUpdate("UPDATE visits SET n = n + 1 WHERE branch = " + branch);
        }
    }

    public void renameByNick(int id) throws SQLException {
        try (Connection connection = Database.open(); Statement statement = connection.createStatement()) {
            ResultSet rows = statement.executeQuery("SELECT nick FROM accounts WHERE id = " + id);
            rows.next();
            String nick = rows.getString("nick");
            statement.executeUpdate("UPDATE cards SET holder = '" + nick + "' WHERE account = " + id);
        }
    }

    public void move(String from, String to, double amount) throws SQLException {
        try (Connection connection = Database.open();
             PreparedStatement take = connection.prepareStatement("UPDATE accounts SET balance = balance - ? WHERE number = ?");
             PreparedStatement give = connection.prepareStatement("UPDATE accounts SET balance = balance + ? WHERE number = ?")) {
            take.setDouble(1, amount);
            take.setString(2, from);
            take.executeUpdate();
            give.setDouble(1, amount);
            give.setString(2, to);
            give.executeUpdate();
        }
    }
}
