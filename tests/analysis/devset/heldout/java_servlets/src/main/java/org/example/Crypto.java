package org.example;

import java.security.MessageDigest;
import java.util.concurrent.ThreadLocalRandom;
import javax.crypto.Cipher;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.DESKeySpec;
import javax.crypto.spec.PBEKeySpec;
import javax.net.ssl.HostnameVerifier;
import javax.net.ssl.HttpsURLConnection;

public class Crypto {

    public static void trustEverybody() {
        HttpsURLConnection.setDefaultHostnameVerifier((host, session) -> true);
    }

    public static byte[] encrypt(byte[] data) throws Exception {
        SecretKeyFactory factory = SecretKeyFactory.getInstance("DES");
        Cipher cipher = Cipher.getInstance("DES/CBC/PKCS5Padding");
        cipher.init(Cipher.ENCRYPT_MODE, factory.generateSecret(new DESKeySpec("8bytekey".getBytes())));
        return cipher.doFinal(data);
    }

    public static byte[] hash(String password) throws Exception {
        return MessageDigest.getInstance("SHA-1").digest(password.getBytes());
    }

    public static byte[] hashWell(char[] password, byte[] salt) throws Exception {
        PBEKeySpec spec = new PBEKeySpec(password, salt, 310_000, 256);
        return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(spec).getEncoded();
    }

    public static String sessionId() {
        return Long.toString(ThreadLocalRandom.current().nextLong());
    }
}
