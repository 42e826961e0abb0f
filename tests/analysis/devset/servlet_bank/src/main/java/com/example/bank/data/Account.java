package com.example.bank.data;

import java.io.Serializable;
import java.sql.ResultSet;
import java.sql.SQLException;

public class Account implements Serializable {
    private final int id;
    private final String number;
    private final String nick;
    private final String role;

    Account(int id, String number, String nick, String role) {
        this.id = id;
        this.number = number;
        this.nick = nick;
        this.role = role;
    }

    static Account of(ResultSet rows) throws SQLException {
        return new Account(rows.getInt("id"), rows.getString("number"), rows.getString("nick"), rows.getString("role"));
    }

    public int getId() { return id; }
    public String getNumber() { return number; }
    public String getNick() { return nick; }
    public String getRole() { return role; }
}
