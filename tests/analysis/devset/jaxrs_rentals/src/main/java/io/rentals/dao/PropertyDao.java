package io.rentals.dao;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.sql.DataSource;

@ApplicationScoped
public class PropertyDao {

    private static final Set<String> ORDERS = Set.of("price", "rooms");

    @Inject DataSource source;

    public List<Map<String, Object>> search(String city, String order) {
        StringBuffer sql = new StringBuffer("select id, title from property where 1 = 1");
        List<Object> arguments = new ArrayList<>();
        if (city != null && !city.isBlank()) {
            sql.append(" and city = ?");
            arguments.add(city);
        }
        if (order != null) {
            sql.append(" order by ").append(order);
        }
        try (Connection connection = source.getConnection();
             PreparedStatement statement = connection.prepareStatement(sql.toString())) {
            for (int i = 0; i < arguments.size(); i++) {
                statement.setObject(i + 1, arguments.get(i));
            }
            return rows(statement.executeQuery());
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    public List<Map<String, Object>> ordered(String order) throws SQLException {
        if (!ORDERS.contains(order)) {
            throw new IllegalArgumentException("order");
        }
        try (Connection connection = source.getConnection(); Statement statement = connection.createStatement()) {
            return rows(statement.executeQuery("select id, title from property order by " + order));
        }
    }

    public Map<String, Object> owner(String email) throws SQLException {
        try (Connection connection = source.getConnection(); Statement statement = connection.createStatement()) {
            ResultSet found = statement.executeQuery("select * from owner where email = '" + email + "'");
            return rows(found).get(0);
        }
    }

    public void delete(long id) {
        try (Connection connection = source.getConnection(); Statement statement = connection.createStatement()) {
            statement.executeUpdate("delete from property where id = " + id);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<Map<String, Object>> rows(ResultSet found) throws SQLException {
        List<Map<String, Object>> rows = new ArrayList<>();
        while (found.next()) {
            rows.add(Map.of("id", found.getLong(1), "title", found.getString(2)));
        }
        return rows;
    }
}
