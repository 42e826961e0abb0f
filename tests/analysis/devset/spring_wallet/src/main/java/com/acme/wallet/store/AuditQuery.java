package com.acme.wallet.store;

public record AuditQuery(String actor, int limit) {
}
