package com.example.bank.web;

import java.net.URL;
import java.security.cert.X509Certificate;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

public class Trust {
    public static HttpsURLConnection connect(String partner) throws Exception {
        TrustManager[] all = {new X509TrustManager() {
            public void checkClientTrusted(X509Certificate[] chain, String type) {
            }

            public void checkServerTrusted(X509Certificate[] chain, String type) {
            }

            public X509Certificate[] getAcceptedIssuers() {
                return new X509Certificate[0];
            }
        }};
        SSLContext context = SSLContext.getInstance("TLSv1.2");
        context.init(null, all, null);
        HttpsURLConnection connection = (HttpsURLConnection) new URL("https://" + partner + ".example.org").openConnection();
        connection.setSSLSocketFactory(context.getSocketFactory());
        return connection;
    }
}
