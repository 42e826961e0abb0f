package com.acme.wallet.store;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.stereotype.Repository;

import java.util.List;
import java.util.Map;

@Repository
public class AuditStore {
    private final JdbcTemplate jdbc;
    private final NamedParameterJdbcTemplate named;

    public AuditStore(JdbcTemplate jdbc, NamedParameterJdbcTemplate named) {
        this.jdbc = jdbc;
        this.named = named;
    }

    public List<Map<String, Object>> of(AuditQuery query) {
        String where = query.actor() == null ? "" : " WHERE actor = '%s'".formatted(query.actor());
        return jdbc.queryForList("SELECT * FROM audit" + where + " LIMIT " + query.limit());
    }

    public List<Map<String, Object>> ofActor(String actor) {
        return named.queryForList("SELECT * FROM audit WHERE actor = :actor", Map.of("actor", actor));
    }
}
