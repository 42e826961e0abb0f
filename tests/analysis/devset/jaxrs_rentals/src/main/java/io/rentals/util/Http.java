package io.rentals.util;

import jakarta.enterprise.context.ApplicationScoped;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.stream.Collectors;

@ApplicationScoped
public class Http {

    private final HttpClient client = HttpClient.newHttpClient();

    public String fetch(String address) throws IOException {
        URL url = new URL(address);
        HttpURLConnection connection = (HttpURLConnection) url.openConnection();
        connection.setConnectTimeout(3000);
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(connection.getInputStream()))) {
            return reader.lines().collect(Collectors.joining("\n"));
        }
    }

    public String fetchRate(String currency) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("https://rates.example.com/v1?c=" + currency)).build();
        return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }

    public String fetchPublic(String address) throws IOException, InterruptedException {
        URI uri = URI.create(address);
        InetAddress host = InetAddress.getByName(uri.getHost());
        if (host.isLoopbackAddress() || host.isSiteLocalAddress() || host.isLinkLocalAddress()) {
            throw new IOException("private");
        }
        return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString()).body();
    }
}
