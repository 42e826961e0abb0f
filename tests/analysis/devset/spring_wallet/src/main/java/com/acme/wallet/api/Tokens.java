package com.acme.wallet.api;

import com.acme.wallet.store.Wallet;
import com.auth0.jwt.JWT;
import com.auth0.jwt.algorithms.Algorithm;
import org.springframework.stereotype.Component;

import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;

@Component
public class Tokens {
    private final Algorithm algorithm = Algorithm.HMAC256("acme-wallet-tokens");

    public String issue(Wallet wallet) {
        return JWT.create().withSubject(wallet.getOwner()).withClaim("role", wallet.getRole()).sign(algorithm);
    }

    public String shortLived(Wallet wallet, Algorithm key) {
        return JWT.create().withSubject(wallet.getOwner()).withExpiresAt(Instant.now().plusSeconds(600)).sign(key);
    }

    public String confirmationCode() {
        return String.valueOf(ThreadLocalRandom.current().nextInt(100000, 999999));
    }

    public byte[] seal(byte[] key, byte[] text) throws Exception {
        byte[] iv = new byte[12];
        new SecureRandom().nextBytes(iv);
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, iv));
        return cipher.doFinal(text);
    }

    public byte[] sealOld(byte[] key, byte[] text) throws Exception {
        Cipher cipher = Cipher.getInstance("AES");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
        return cipher.doFinal(text);
    }

    public KeyPairGenerator keys() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(1024);
        return generator;
    }
}
