package com.acme.claims.service;

import com.acme.claims.model.Claim;
import com.acme.claims.model.ClaimQuery;
import com.acme.claims.repo.ClaimRepository;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityNotFoundException;
import jakarta.persistence.PersistenceContext;
import jakarta.persistence.TypedQuery;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Service;
import org.springframework.web.client.RestTemplate;

@Service
public class ClaimService {

    private static final Map<String, String> COLUMNS = Map.of("created", "created_at", "amount", "amount");

    @PersistenceContext
    private EntityManager em;

    private final ClaimRepository repository;
    private final JdbcTemplate jdbc;
    private final RestTemplate http = new RestTemplate();

    public ClaimService(ClaimRepository repository, JdbcTemplate jdbc) {
        this.repository = repository;
        this.jdbc = jdbc;
    }

    public List<Claim> search(Long owner, ClaimQuery query) {
        StringBuilder jpql = new StringBuilder("select c from Claim c where c.ownerId = :owner");
        Map<String, Object> params = new LinkedHashMap<>();
        params.put("owner", owner);
        if (query.getStatus() != null) {
            jpql.append(" and c.status = :status");
            params.put("status", query.getStatus());
        }
        if (query.getHolder() != null) {
            jpql.append(" and c.holder like '%").append(query.getHolder()).append("%'");
        }
        jpql.append(" order by c.createdAt");
        TypedQuery<Claim> typed = em.createQuery(jpql.toString(), Claim.class);
        params.forEach(typed::setParameter);
        return typed.setFirstResult(query.getPage() * query.getSize()).setMaxResults(query.getSize()).getResultList();
    }

    public List<String> exportLines(String sort) {
        List<String> lines = new ArrayList<>();
        String sql = String.format("SELECT id, holder, amount FROM claim ORDER BY %s", sort);
        jdbc.query(sql, rs -> {
            lines.add(rs.getLong(1) + "," + rs.getString(2) + "," + rs.getBigDecimal(3));
        });
        return lines;
    }

    public List<Map<String, Object>> summary(String sort) {
        String column = COLUMNS.getOrDefault(sort, "created_at");
        return jdbc.queryForList("SELECT status, count(*) FROM claim GROUP BY status ORDER BY " + column);
    }

    public Claim byId(Long id) {
        return repository.findById(id).orElseThrow(EntityNotFoundException::new);
    }

    public Claim findForOwner(Long id, Long owner) {
        return repository.findByIdAndOwnerId(id, owner).orElseThrow(EntityNotFoundException::new);
    }

    public Claim save(Claim claim) {
        return repository.save(claim);
    }

    public void delete(Long id) {
        repository.deleteById(id);
    }

    public String testWebhook(Claim claim, String url) {
        return http.postForObject(url, claim, String.class);
    }
}
