package com.acme.wallet.api;

import java.math.BigDecimal;

public record TransferWish(Long to, BigDecimal amount) {
}
