package com.acme.wallet.store;

public record Transfer(long id, long fromWallet, long toWallet, java.math.BigDecimal amount, String note) {
}
