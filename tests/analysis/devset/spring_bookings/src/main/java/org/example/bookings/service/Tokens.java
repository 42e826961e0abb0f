package org.example.bookings.service;

import io.jsonwebtoken.Claims;
import io.jsonwebtoken.Jwts;
import io.jsonwebtoken.SignatureAlgorithm;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Date;
import java.util.Random;

@Component
public class Tokens {
    private static final String SIGNING_KEY = "bookings-hs256-signing-key-of-2023";
    private static final byte[] IV = new byte[16];

    @Value("${bookings.cipher-key}")
    private String cipherKey;

    public String issue(String subject) {
        return Jwts.builder().setSubject(subject).signWith(SignatureAlgorithm.HS256, SIGNING_KEY).compact();
    }

    public String issueShort(String subject, String key) {
        return Jwts.builder().setSubject(subject).setExpiration(new Date(System.currentTimeMillis() + 900_000))
                .signWith(SignatureAlgorithm.HS256, key).compact();
    }

    public Claims read(String token) {
        return (Claims) Jwts.parser().setSigningKey(SIGNING_KEY).parse(token).getBody();
    }

    public String resetCode() {
        return String.format("%06d", new Random().nextInt(1_000_000));
    }

    public String invitation() {
        byte[] bytes = new byte[24];
        new SecureRandom().nextBytes(bytes);
        return Base64.getUrlEncoder().encodeToString(bytes);
    }

    public byte[] encrypt(String text) throws Exception {
        Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(cipherKey.getBytes(), "AES"), new IvParameterSpec(IV));
        return cipher.doFinal(text.getBytes(StandardCharsets.UTF_8));
    }

    public byte[] encryptOld(String text) throws Exception {
        Cipher cipher = Cipher.getInstance("DES/ECB/PKCS5Padding");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(cipherKey.substring(0, 8).getBytes(), "DES"));
        return cipher.doFinal(text.getBytes(StandardCharsets.UTF_8));
    }

    public String fingerprint(String password) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-1");
        return Base64.getEncoder().encodeToString(digest.digest(password.getBytes(StandardCharsets.UTF_8)));
    }

    public boolean same(String given, String expected) {
        return MessageDigest.isEqual(given.getBytes(), expected.getBytes());
    }
}
