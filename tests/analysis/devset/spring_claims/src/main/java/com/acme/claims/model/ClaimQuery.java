package com.acme.claims.model;

import lombok.Data;

@Data
public class ClaimQuery {
    private String status;
    private String holder;
    private String orderBy = "createdAt";
    private boolean descending;
    private int page;
    private int size = 20;
}
